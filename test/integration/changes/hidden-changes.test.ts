import { beforeAll, describe, expect, test } from '@jest/globals';
import { keyedHash, keyId } from '../../../src/pipeline/item/keyed-hash.ts';
import { decompress } from '../../../src/store/part-buffer.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { FollowedTable } from './followed-table.ts';

const HASH_KEY = 'a key of the tests, which is long enough';

const harness = withHarness();
beforeAll(() => harness.startWorkers({ ...harness.dependencies, hashKey: HASH_KEY }));

describe('the log of a table with personal data', () => {
  test('has neither ignored attributes nor those that are hashed or masked, in either image', async () => {
    const followed = await new FollowedTable(
      harness,
      {},
      {
        mapping: {
          columns: { secret: { ignore: true }, email: { hash: true }, 'address.city': { mask: true } },
          where: [{ attribute: 'secret', notEquals: 'drop-me' }],
        },
      },
    ).create();
    await followed.start();
    const item = (n: number) => ({
      secret: { S: `secret-${n}` },
      email: { S: `email-${n}@example.com` },
      address: { M: { city: { S: `city-${n}` }, zip: { S: `zip-${n}` } } },
      __proto: { S: 'kept' },
    });
    await followed.put('a', item(1));
    await followed.put('a', item(2));
    await followed.put('a', { ...item(3), secret: { S: 'drop-me' } });
    const [shard] = await followed.untilCount(3);
    const hashed = (n: number) => ({ S: keyedHash(HASH_KEY)(`email-${n}@example.com`) });
    expect(shard!.records).toMatchObject([
      { image: { email: hashed(1), address: { M: { city: { S: '***' }, zip: { S: 'zip-1' } } } } },
      { image: { email: hashed(2) }, before: { email: hashed(1) } },
      // What `where` decides by is no longer in the image.
      { image: { email: hashed(3) }, filtered: true },
    ]);
    let text = '';
    for (const { file, hashKeyId } of shard!.checkpoints) {
      expect(hashKeyId).toBe(keyId(HASH_KEY));
      const { body } = (await harness.store.get(file!.key))!;
      text += await decompress(file!.key, body);
    }
    expect(text).toContain('zip-2');
    expect(text).not.toMatch(/secret|email-|city-|drop-me/);
  });
});
