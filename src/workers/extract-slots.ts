import { availableParallelism } from 'node:os';
import { Terminal } from '../clients/errors.ts';

const SLOTS = 'TRIBUTARY_EXTRACT_SLOTS';

/**
 * The number of segments a worker extracts at once, from the variable TRIBUTARY_EXTRACT_SLOTS. If unset or empty:
 * one per core, which keeps a host busy.
 * @throws Terminal `BadEnvironment` if it is not a whole number from 1 to 999.
 */
export function extractSlotsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): number {
  const text = (environment[SLOTS] ?? '').trim();
  if (text === '') return availableParallelism();
  if (!/^[1-9]\d{0,2}$/.test(text)) {
    throw new Terminal(
      'BadEnvironment',
      `${SLOTS}: expected a whole number from 1 to 999 such as 8, found ${JSON.stringify(text)}.`,
    );
  }
  return Number(text);
}
