import { fingerprint } from './fingerprint.ts';

/**
 * The Data API's ClientToken of a batch: 64 hexadecimal digits, its limit. The same batch of the same step has
 * the same token, so a submission whose answer was lost is found again instead of run twice. A token is kept
 * for hours and returns a failed statement too: take n + 1 only after n was seen FAILED or ABORTED.
 * @param n how many times the step was seen to fail before; 0 for the first.
 */
export function clientToken(
  stagingSchema: string,
  step: string,
  statements: readonly string[],
  n: number,
): string {
  return fingerprint(JSON.stringify([stagingSchema, step, statements, n]), 64);
}
