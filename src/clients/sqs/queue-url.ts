/**
 * What a queue's URL says. Its forms, e.g. `https://sqs.eu-west-1.amazonaws.com/123456789012/orders`, and those of FIPS,
 * VPC and dual-stack endpoints: https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
 */
const REGION = /(?:^|\.)sqs(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d+)\./;
/** Older URLs: `https://eu-west-1.queue.amazonaws.com/…`, and without a region for us-east-1. */
const LEGACY = /^(?:([a-z]+(?:-[a-z]+)+-\d+)\.)?queue\.amazonaws\.com/;

/** The region in a queue's URL; undefined for addresses that are not AWS's own. */
export function regionOfQueue(url: string): string | undefined {
  const host = URL.parse(url)?.hostname ?? '';
  const legacy = LEGACY.exec(host);
  return legacy === null ? REGION.exec(host)?.[1] : (legacy[1] ?? 'us-east-1');
}

/** The scheme, host and port of a queue's URL; undefined if it is not a URL. */
export function originOfQueue(url: string): string | undefined {
  return URL.parse(url)?.origin;
}
