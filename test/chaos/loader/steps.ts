import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import { statementName } from '../statement-name.ts';

/** The steps of a loader as the services see them: a schedule names its moments by them. */
export type LoaderStep =
  | 'inbox page'
  | 'message deletion'
  | 'claim'
  | 'page deletion'
  | 'copy'
  | 'load'
  | 'describe'
  | 'close';

/** The step that a call belongs to; undefined for all others. */
export function loaderStepOf(service: Service, call: Call): LoaderStep | undefined {
  switch (service) {
    case 'dynamodb':
    case 'glue':
      return undefined;
    case 's3':
      return objectStep(call);
    case 'sqs':
      return call.operation.startsWith('DeleteMessage') ? 'message deletion' : undefined;
    case 'redshift-data':
      if (loadedBatch(call) !== undefined) return 'load';
      return call.operation === 'DescribeStatement' ? 'describe' : undefined;
  }
}

function objectStep(call: Call): LoaderStep | undefined {
  const { operation, url, headers, body } = call;
  if (operation === 'DeleteObjects') return body.includes('/inbox/') ? 'page deletion' : undefined;
  if (operation !== 'PutObject') return undefined;
  if (headers['x-amz-copy-source'] !== undefined) return 'copy';
  if (url.includes('/inbox/')) return 'inbox page';
  if (claimedBatch(call) !== undefined) return 'claim';
  return /\/batches\/\d+\/closed\.json/.test(url) ? 'close' : undefined;
}

/** The number of the batch whose `batch.json` a call writes. */
export function claimedBatch({ operation, url }: Call): number | undefined {
  const number = operation === 'PutObject' ? /\/batches\/(\d+)\/batch\.json/.exec(url)?.[1] : undefined;
  return number === undefined ? undefined : Number(number);
}

/** The number of the batch whose transaction a call submits: `tributary batch 12 into landing.quakes`. */
export function loadedBatch(call: Call): number | undefined {
  if (call.operation !== 'BatchExecuteStatement') return undefined;
  const number = /^tributary batch (\d+) into /.exec(statementName(call))?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Equal for a submission and its repetitions. */
export const clientTokenOf = ({ body }: Call): string =>
  (JSON.parse(String(body)) as { ClientToken?: string }).ClientToken ?? '';
