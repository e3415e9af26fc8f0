interface ControlCall {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** Below `/_control/`, such as `faults/<queue>`. */
  readonly path: string;
  /** Default: an empty object. */
  readonly body?: object;
}

/**
 * Calls the local SQS's own API: `local/sqs/README.md` lists what it does.
 * @throws Error with what the server answered, if it refuses
 */
export async function controlSqs(endpoint: string, { method, path, body = {} }: ControlCall): Promise<void> {
  const url = `${endpoint}/_control/${path}`;
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(method !== 'DELETE' && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The local SQS refused ${method} ${url}: ${text.trim()}`);
}
