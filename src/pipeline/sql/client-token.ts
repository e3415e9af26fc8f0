import { fingerprint } from '../item/fingerprint.ts';

/**
 * The Data API's ClientToken for a batch. The same batch of the same step has the same token, so a submission whose
 * response was lost is found again instead of run twice. The Data API keeps a token for hours, and returns a failed
 * statement for it as well, so a retry needs another token.
 * @param tryOf identifies a further try. Empty for the first, which every process that submits the batch shares.
 */
export function clientToken(
  stagingSchema: string,
  step: string,
  statements: readonly string[],
  tryOf = '',
): string {
  return fingerprint(JSON.stringify([stagingSchema, step, statements, tryOf]), 64);
}
