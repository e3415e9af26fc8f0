import type { Counts } from './requests.ts';

/**
 * AWS's list prices in us-east-1, in dollars per million requests, without free tiers:
 * https://aws.amazon.com/s3/pricing/ (S3 Standard: PUT, COPY, POST and LIST $0.005 per 1,000, GET and others $0.0004 per
 * 1,000, DELETE free), https://aws.amazon.com/sqs/pricing/ (standard queues: $0.40 per million; a call with up to 64 KB
 * counts once). The Data API has no price of its own: https://aws.amazon.com/redshift/pricing/ charges for the warehouse's
 * capacity, which is not counted here.
 */
const PER_MILLION = { s3Write: 5, s3Read: 0.4, sqs: 0.4 };

const S3_WRITES = new Set(['PutObject', 'CopyObject', 'POSTObject', 'ListObjectsV2']);
const S3_FREE = new Set(['DeleteObject', 'DeleteObjects']);

/** What these requests cost, in dollars. */
export function listPrice(requests: Counts): number {
  const dollars = Object.entries(requests).map(([name, count]) => {
    const [service, operation = ''] = name.split(':');
    if (service === 'sqs') return count * PER_MILLION.sqs;
    if (service !== 's3' || S3_FREE.has(operation)) return 0;
    return count * (S3_WRITES.has(operation) ? PER_MILLION.s3Write : PER_MILLION.s3Read);
  });
  return dollars.reduce((sum, each) => sum + each, 0) / 1e6;
}
