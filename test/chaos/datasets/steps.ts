import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';

/** The steps of a dataset's run as S3 sees them: a schedule names its moments by them. */
export type DatasetStep = 'plan' | 'rows' | 'batch' | 'data' | 'generation' | 'pointer' | 'taken' | 'closed';

const STEPS: readonly (readonly [RegExp, DatasetStep])[] = [
  [/\/intake\/\d+\/plan\.json/, 'plan'],
  [/\/intake\/\d+\/batch-\d+\.json/, 'batch'],
  [/\/intake\/\d+\/batch-\d+\//, 'rows'],
  [/\/intake\/\d+\/closed\.json/, 'closed'],
  [/\/taken\//, 'taken'],
  [/\/current\.json/, 'pointer'],
  [/\/partitions\/[^/]+\/gen-\d+-[^/]+\.json/, 'generation'],
  [/\/gen-\d+-[^/]+\/\d+\.parquet/, 'data'],
];

/** The step that a call belongs to; undefined for all others. */
export function datasetStepOf(service: Service, { operation, url }: Call): DatasetStep | undefined {
  if (service !== 's3' || operation !== 'PutObject') return undefined;
  const path = decodeURIComponent(url);
  return STEPS.find(([pattern]) => pattern.test(path))?.[1];
}

/** The partition whose pointer a call writes: `day=2099-01-01`. */
export function pointedPartition({ operation, url }: Call): string | undefined {
  if (operation !== 'PutObject') return undefined;
  return /\/partitions\/([^/]+)\/current\.json/.exec(decodeURIComponent(url))?.[1];
}
