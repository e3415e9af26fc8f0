import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import { statementName } from '../statement-name.ts';

/** The steps of a run as the services see them: a schedule names its moments by them. */
const STEPS = [
  'scan',
  'part',
  'checkpoint',
  'manifest',
  'prepare',
  'load',
  'verify',
  'replace',
  'drop',
  'report',
] as const;
export type Step = (typeof STEPS)[number];

/** The step that a call belongs to; undefined for calls that change nothing. */
export function stepOf(service: Service, call: Call): Step | undefined {
  switch (service) {
    case 'dynamodb':
      return call.operation === 'Scan' ? 'scan' : undefined;
    case 's3':
      if (call.operation !== 'PutObject') return undefined;
      if (call.url.includes('/segments/')) return 'checkpoint';
      if (call.url.includes('/manifest.json')) return 'manifest';
      if (call.url.includes('/report.json')) return 'report';
      return /\/(?:data|odd)\//.test(call.url) ? 'part' : undefined;
    // Runs have no queue, and no catalogue.
    case 'sqs':
    case 'glue':
      return undefined;
    case 'redshift-data': {
      if (!call.operation.endsWith('ExecuteStatement')) return undefined;
      const word = statementName(call).split(' ')[1] ?? '';
      return (STEPS as readonly string[]).includes(word) ? (word as Step) : undefined;
    }
  }
}

/** The segment that a scan with one of these page sizes reads; undefined for the plan's sample. */
export function scannedSegment(call: Call, pageItems: readonly number[]): number | undefined {
  const { Segment, Limit } = JSON.parse(String(call.body)) as { Segment?: number; Limit?: number };
  return Limit !== undefined && pageItems.includes(Limit) ? Segment : undefined;
}
