import { defineRecords } from '@tributary-data/tributary';

/** What the benchmark makes of a record. `python/main.py` and `duckdb-main.ts` make the same of it. */

interface AccessRecord {
  readonly payload?: { readonly method: string; readonly requestURL: string; readonly userAgent: string };
}

const CLIENTS = [
  ['synapser', 'R'],
  ['python', 'PYTHON'],
  ['Mozilla', 'WEB'],
] as const;

export default defineRecords({
  session_id: { type: 'string', from: 'payload.sessionId' },
  timestamp: { type: 'timestamp', from: 'payload.timestamp', epoch: 'ms' },
  user_id: { type: 'bigint', from: 'payload.userId' },
  method: { type: 'string', from: 'payload.method' },
  request_url: { type: 'string', from: 'payload.requestURL' },
  query_string: { type: 'string', from: 'payload.queryString' },
  user_agent: { type: 'string', from: 'payload.userAgent' },
  host: { type: 'string', from: 'payload.host' },
  response_status: { type: 'bigint', from: 'payload.responseStatus' },
  elapse_ms: { type: 'bigint', from: 'payload.elapseMS' },
  success: { type: 'boolean', from: 'payload.success' },
  stack: { type: 'string', from: 'stack' },
  signature: {
    type: 'string',
    compute: ({ payload }: AccessRecord) =>
      `${payload?.method} ${(payload?.requestURL ?? '').toLowerCase().replace(/\/(?:syn)?[0-9]+/g, '/#')}`,
  },
  client: {
    type: 'string',
    compute: ({ payload }: AccessRecord) =>
      CLIENTS.find(([part]) => payload?.userAgent.includes(part))?.[1] ?? 'UNKNOWN',
  },
  record_date: { type: 'date', from: 'payload.timestamp', epoch: 'ms' },
});
