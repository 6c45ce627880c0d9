"""IAM tokens of caches as the AWS CLI's own library signs them: one question a line on standard input, one answer a line on standard output.

A question has name, user, serverless, service, region, accessKey, secretKey, sessionToken (or null) and date, as 20260101T000000Z. Nothing is asked of AWS."""
import datetime
import json
import sys
from types import SimpleNamespace
from urllib import parse

import awscli  # brings its own botocore
import botocore
from botocore import session, auth, awsrequest, credentials

assert 'awscli' in botocore.__file__ and session, botocore.__file__


def token(question):
    now = datetime.datetime.strptime(question['date'], '%Y%m%dT%H%M%SZ')
    auth.datetime = SimpleNamespace(datetime=SimpleNamespace(utcnow=lambda: now))
    parameters = {'Action': 'connect', 'User': question['user'], **({'ResourceType': 'ServerlessCache'} if question['serverless'] else {})}
    request = awsrequest.AWSRequest('GET', f"https://{question['name']}/?{parse.urlencode(parameters, quote_via=parse.quote, safe='-_.~')}")
    keys = credentials.Credentials(question['accessKey'], question['secretKey'], question['sessionToken'])
    auth.SigV4QueryAuth(keys, question['service'], question['region'], expires=900).add_auth(request)
    return request.prepare().url[len('https://'):]


for line in sys.stdin:
    print(json.dumps(token(json.loads(line))), flush=True)
