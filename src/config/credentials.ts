/** Refuses secrets in the file: it is committed, copied and read by many. */

/** `secretArn` names a secret and is none itself. */
const CREDENTIAL_KEY =
  /^(?:.*(?:password|passwd|passphrase|secret|secret_?key|access_?key|access_?key_?id|api_?key|private_?key|session_?token|auth_?token|credentials?)|token|pwd|pass)$/i;

/** An AWS access key id, or an address with user and password in it. */
const CREDENTIAL_VALUE = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|:\/\/[^\s/:@]+:[^\s/@]+@/;

export const looksLikeCredentialKey = (key: string): boolean => CREDENTIAL_KEY.test(key);
export const looksLikeCredentialValue = (value: unknown): boolean =>
  typeof value === 'string' && CREDENTIAL_VALUE.test(value);

/** Where credentials belong. Never repeats the value. */
export const CREDENTIALS_BELONG_ELSEWHERE =
  'this looks like a credential, and none belongs in this file. AWS credentials come from the default chain ' +
  '(environment variables, a profile, the role of the host or container); a database password stays in ' +
  'AWS Secrets Manager and is named by warehouse.secretArn';
