import type { Call } from '../../local/fault-proxy/http-fault-proxy.ts';

/** `tributary load orders__lines from row 0 (files 1f0c…) in …`: how the workers name what they submit. */
export function statementName(call: Call): string {
  const { StatementName = '' } = JSON.parse(String(call.body)) as { StatementName?: string };
  return StatementName;
}
