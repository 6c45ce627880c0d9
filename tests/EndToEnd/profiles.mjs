/**
 * An AWS configuration file with one profile, which has keys.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} keys
 */
export const keyProfile = (name, keys) => `[profile ${name}]
aws_access_key_id = ${keys.AWS_ACCESS_KEY_ID ?? ''}
aws_secret_access_key = ${keys.AWS_SECRET_ACCESS_KEY ?? ''}
region = eu-central-1
`;

/**
 * An AWS configuration file with one profile, which needs a sign-in at the local AWS's Identity Center.
 * @param {string} name
 */
export const ssoProfile = name => `[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access

[profile ${name}]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-central-1
`;
