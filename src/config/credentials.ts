/** Refuses secrets in the file, because it is committed, copied and widely read. */

/** `secretArn` is allowed: it names a secret and does not contain one. */
const CREDENTIAL_KEY =
  /^(?:.*(?:password|passwd|passphrase|secret|secret_?key|access_?key|access_?key_?id|api_?key|private_?key|session_?token|auth_?token|credentials?)|token|pwd|pass)$/i;

/** An AWS access key id, or a URL with a user and password. */
const CREDENTIAL_VALUE = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|:\/\/[^\s/:@]+:[^\s/@]+@/;

export const looksLikeCredentialKey = (key: string): boolean => CREDENTIAL_KEY.test(key);
export const looksLikeCredentialValue = (value: unknown): boolean =>
  typeof value === 'string' && CREDENTIAL_VALUE.test(value);

/** Says where credentials belong. Never repeats the value. */
export const CREDENTIALS_BELONG_ELSEWHERE =
  'this looks like a credential. Credentials must not be in this file. AWS credentials come from the default chain ' +
  '(environment variables, a profile, the role of the host or container); a database password stays in ' +
  'AWS Secrets Manager and is named by warehouse.secretArn; URLs and passwords of alerts are in variables of the ' +
  "workers' environment, which the block alerts names";
