import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Harness, uniqueName } from './harness.ts';

describe('verification', () => {
  let harness: Harness;
  const table = uniqueName('items');

  beforeAll(async () => {
    harness = await Harness.start();
    await harness.createTable(
      table,
      Array.from({ length: 20 }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        text: { S: `text ${i}` },
      })),
    );
    await harness.startWorkers();
  });
  afterAll(() => harness?.close());

  test.each([
    [
      'a row is missing',
      `DELETE FROM $table WHERE pk = 'p3'`,
      /20 rows were extracted, the warehouse holds 19/,
    ],
    [
      'a value has become NULL',
      `UPDATE $table SET text = NULL WHERE pk = 'p3'`,
      /text: 20 values that are not NULL were extracted, the warehouse holds 19/,
    ],
    [
      'a text was cut',
      `UPDATE $table SET text = 'text' WHERE pk = 'p3'`,
      /text: 130 bytes of text were extracted, the warehouse holds 128/,
    ],
  ])('finds that %s, and nothing is replaced', async (_, harm, words) => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const { run } = await (await harness.start({ pipeline, to: 'load' })).result();
    await harness.sql(harm.replace('$table', `"${schema}__${run}_1"."${table}"`));
    const verifying = await harness.start({ pipeline, run, from: 'verify' });
    await expect(verifying.result()).rejects.toMatchObject({
      cause: { cause: { type: 'VerificationFailed', message: expect.stringMatching(words) } },
    });
    expect(await harness.tablesOf(schema)).toEqual([]);
    // Prepared and loaded anew, it is whole.
    await (await harness.start({ pipeline, run, from: 'prepare' })).result();
    expect(await harness.rowsOf(schema, table)).toHaveLength(20);
  });
});
