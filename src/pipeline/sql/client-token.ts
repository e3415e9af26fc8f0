import { fingerprint } from '../item/fingerprint.ts';

/**
 * What tells a batch from others of its warehouse, for the Data API's ClientToken. The same batch of the same step has
 * the same token, so a submission whose answer was lost is found again instead of run twice. A token is kept
 * for hours and returns a failed statement too: another try needs another token.
 * @param tryOf whose further try it is; nothing for the first, which whoever runs the same batch shares.
 */
export function clientToken(
  stagingSchema: string,
  step: string,
  statements: readonly string[],
  tryOf = '',
): string {
  return fingerprint(JSON.stringify([stagingSchema, step, statements, tryOf]), 64);
}
