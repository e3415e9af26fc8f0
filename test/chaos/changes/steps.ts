import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import { statementName } from '../statement-name.ts';

/** The steps of changes as the services see them: a schedule names its moments by them. */
export type ChangesStep = 'read' | 'records' | 'checkpoint' | 'rows' | 'apply' | 'describe';

/** The step that a call belongs to; undefined for all others. */
export function changesStepOf(service: Service, call: Call): ChangesStep | undefined {
  switch (service) {
    case 'dynamodb':
      return call.operation === 'GetRecords' ? 'read' : undefined;
    case 's3':
      return objectStep(call);
    case 'redshift-data':
      if (call.operation === 'DescribeStatement') return 'describe';
      return isApply(call) ? 'apply' : undefined;
    case 'sqs':
    case 'glue':
      return undefined;
  }
}

function objectStep({ operation, url }: Call): ChangesStep | undefined {
  if (operation !== 'PutObject') return undefined;
  if (/\/shards\/[^/]+\/records\//.test(url)) return 'records';
  if (/\/shards\/[^/]+\/checkpoint-/.test(url)) return 'checkpoint';
  return url.includes('/changes/_apply/') ? 'rows' : undefined;
}

const isApply = (call: Call) =>
  ['BatchExecuteStatement', 'ExecuteStatement'].includes(call.operation) &&
  statementName(call).startsWith('tributary apply changes to ');

/** Whether a call belongs to an apply to this schema, and to no staging schema of it. */
export const isApplyTo = (schema: string, call: Call): boolean =>
  statementName(call) === `tributary apply changes to ${schema}`;
