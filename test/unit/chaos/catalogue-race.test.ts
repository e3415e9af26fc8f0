import { expect, test } from '@jest/globals';
import { despiteDrops } from '../../chaos/catalogue-race.ts';

/** Fails so often before it succeeds. @returns how often it was tried */
async function triesOf(failures: number, message: string): Promise<number> {
  let tries = 0;
  const transaction = async () => {
    tries++;
    if (tries <= failures) throw new Error(message);
    return tries;
  };
  return await despiteDrops(transaction).catch((error: Error) => {
    throw new Error(`${tries} tries: ${error.message}`);
  });
}

test('a transaction that meets another DROP is repeated, ten times at most', async () => {
  const race = 'SELECT 1: ERROR: could not open relation with OID 16391';
  expect(await triesOf(0, race)).toBe(1);
  expect(await triesOf(3, race)).toBe(4);
  await expect(triesOf(10, race)).rejects.toThrow(`10 tries: ${race}`);
});

test.each([
  'SELECT 1: ERROR: relation "s.t" does not exist',
  'SELECT 1: ERROR: could not open relation mapping file',
])('any other failure is thrown at once: %s', async (message) => {
  await expect(triesOf(1, message)).rejects.toThrow(`1 tries: ${message}`);
});
