"""Answers from the AWS CLI's own library: one question a line on standard input, one answer a line on standard output, all of them JSON.

A question has env (all variables there are) and profile (asked for, or null). With write, an answer of STS is put into the AWS CLI's cache for the
profile's role; with read, what the cache holds for it is told. With parse, all properties of all profiles are
told; with hosts, where a call of RDS in that region goes. A question with a date alone is about that. Nothing is asked of AWS, and no program is run."""
import datetime
import json
import os
import sys
import warnings
from urllib import parse

import awscli  # brings its own botocore
import botocore
from botocore import compat, configloader, credentials, session, utils

assert 'awscli' in botocore.__file__, botocore.__file__

Process = credentials.ProcessProvider
Process._retrieve_credentials_using = lambda self, command: {
    'access_key': 'process', 'secret_key': json.dumps(compat.compat_shell_split(command))}
credentials.InstanceMetadataProvider.load = lambda self: (
    None if os.environ.get('AWS_EC2_METADATA_DISABLED', 'false').lower() == 'true'
    else credentials.Credentials('instance', '', method='iam-role'))


def container(self):
    relative = self._provided_relative_uri()
    url = self._fetcher.full_url(os.environ[self.ENV_VAR]) if relative else os.environ[self.ENV_VAR_FULL]
    self._fetcher._validate_allowed_url(url)
    return credentials.Credentials('container', url, (self._build_headers() or {}).get('Authorization'), method=self.METHOD)


credentials.ContainerProvider._retrieve_or_fail = container


def source(found):
    """Where credentials come from, without their being fetched."""
    if found is None:
        return 'none'
    if isinstance(found, credentials.DeferredRefreshableCredentials):
        refresh = found._refresh_using
        return fetched(getattr(refresh, '_refresh', refresh).__self__)
    if found.method == 'custom-process':
        return {'process': json.loads(found.secret_key)}
    if found.method == 'iam-role':
        return 'instance'
    if found.method == 'container-role':
        return {'container': found.secret_key, **({'token': found.token} if found.token else {})}
    return {'keys': [found.access_key, found.secret_key, found.token]}


def fetched(fetcher):
    if isinstance(fetcher, credentials.SSOCredentialFetcher):
        told = {'sso': fetcher._start_url, 'region': fetcher._sso_region, 'account': fetcher._account_id, 'role': fetcher._role_name,
                'session': fetcher._sso_session_name}
        return {key: value for key, value in told.items() if value is not None}
    told = dict(fetcher._assume_kwargs)
    if fetcher._using_default_session_name:
        del told['RoleSessionName']
    told['cache'] = fetcher._cache_key
    if isinstance(fetcher, credentials.AssumeRoleWithWebIdentityCredentialFetcher):
        told['tokenFile'] = fetcher._web_identity_token_loader._web_identity_token_path
    else:
        told['with'] = source(fetcher._source_credentials)
    return told


def attempt(ask):
    try:
        return ask()
    except Exception as e:  # whatever the AWS CLI gives up with
        print(f'{type(e).__name__}: {e}', file=sys.stderr)
        return 'error'


def region(asked):
    name = asked.get_config_variable('region')
    utils.validate_region_name(name)
    return name


def cached(question, asked):
    provider = asked.get_component('credential_provider').get_provider('assume-role')
    provider.cache = utils.JSONFileCache(os.path.expanduser('~/.aws/cli/cache'))
    found = asked.get_credentials()
    if 'write' in question:
        refresh = found._refresh_using
        fetcher = getattr(refresh, '_refresh', refresh).__self__
        keys = dict(question['write'])
        keys['Expiration'] = credentials.parse(keys['Expiration'])
        fetcher._write_to_cache({'Credentials': keys, 'AssumedRoleUser': {'AssumedRoleId': 'AROA:x', 'Arn': 'arn'}, 'ResponseMetadata': {}})
    frozen = found.get_frozen_credentials()
    return [frozen.access_key, frozen.secret_key, frozen.token]


def moment(text):
    """As the AWS CLI reads an Expiration and compares it with the present time."""
    warnings.simplefilter('ignore')
    return (credentials.parse(text) - datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)).total_seconds()


def hosts(question, asked):
    """The hosts that a call of RDS goes to, and those that are asked for its credentials before."""
    if question['hosts'] is not None:
        asked.set_config_variable('region', question['hosts'])
    rds = asked.create_client('rds', region_name=question['hosts'])
    return sorted({parse.urlsplit(url).hostname for url in [rds.meta.endpoint_url, *callers(asked.get_credentials())]})


def callers(found):
    while isinstance(found, credentials.DeferredRefreshableCredentials):
        refresh = found._refresh_using
        fetcher = getattr(refresh, '_refresh', refresh).__self__
        yield fetcher._client_creator('sts').meta.endpoint_url
        found = fetcher._source_credentials


def answer(question):
    if 'date' in question:
        return attempt(lambda: moment(question['date']))
    os.environ.clear()
    os.environ.update(question['env'])
    if 'parse' in question:
        return attempt(lambda: configloader.load_config('~/.aws/config')['profiles'])
    asked = session.Session(profile=question['profile'])
    if 'read' in question or 'write' in question:
        return attempt(lambda: cached(question, asked))
    if 'hosts' in question:
        return attempt(lambda: hosts(question, asked))
    profiles = attempt(lambda: sorted(asked.full_config['profiles']))
    return 'refused' if profiles == 'error' else {
        'profiles': profiles, 'region': attempt(lambda: region(asked)), 'source': attempt(lambda: source(asked.get_credentials()))}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
