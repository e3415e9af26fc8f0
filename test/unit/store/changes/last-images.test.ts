import { describe, expect, test } from '@jest/globals';
import { canonicalKey } from '../../../../src/pipeline/apply/item-key.ts';
import type { ChangeRecord } from '../../../../src/pipeline/changes/change-record.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import type { Held } from '../../../../src/store/changes/held-bytes.ts';
import { LastImages } from '../../../../src/store/changes/last-images.ts';

const AT = { shard: 'a', checkpoint: 1 };
const put = (key: Item, n: number): ChangeRecord => ({
  ...{ kind: 'MODIFY', at: 1, key },
  image: { ...key, n: { N: String(n) } },
});
const remove = (key: Item): ChangeRecord => ({ kind: 'REMOVE', at: 1, key });

const textOf = (held: Readonly<Held>) => held.in.toString('utf8', held.start, held.end);

function lastOf(key: Key, ...records: ChangeRecord[]) {
  const images = new LastImages(key);
  for (const record of records) images.take(record, AT);
  return { images, last: [...images.images()].map(({ image }) => image && JSON.parse(textOf(image)).n.N) };
}

describe('the last image of each key', () => {
  const ID: Key = [{ name: 'id', kind: 'S' }];

  test('is that of its last change; a removed item has none', () => {
    const [a, b, c]: [Item, Item, Item] = [{ id: { S: 'a' } }, { id: { S: 'b' } }, { id: { S: 'c' } }];
    const { images, last } = lastOf(ID, put(a, 1), put(b, 1), put(a, 2), remove(b), remove(c), put(c, 3));
    expect(last).toEqual(['2', undefined, '3']);
    expect([images.changes, images.size]).toEqual([6, 3]);
  });

  test('an image that the log marks as filtered leaves no rows, until a later one is not', () => {
    const [a, b]: [Item, Item] = [{ id: { S: 'a' } }, { id: { S: 'b' } }];
    const gone = (key: Item): ChangeRecord => ({ ...put(key, 9), filtered: true });
    expect(lastOf(ID, put(a, 1), gone(a), gone(b), put(b, 2)).last).toEqual([undefined, '2']);
  });

  test('keys are the same if they are the same to DynamoDB', () => {
    const numbers: Key = [{ name: 'n', kind: 'N' }];
    const same = ['1', '1.0', '1E0', '10e-1'].map((N) => put({ n: { N } }, 1));
    expect(lastOf(numbers, ...same).images.size).toBe(1);
    expect(lastOf(ID, put({ id: { S: 'a' } }, 1), put({ id: { S: 'a ' } }, 1)).images.size).toBe(2);
    const pair: Key = [...ID, { name: 'sort', kind: 'B' }];
    const texts = [
      ['a"', 'AA=='],
      ['a', 'IkE='],
    ].map(([S, B]) => canonicalKey(pair, { id: { S: S as string }, sort: { B: B as string } }));
    expect(new Set(texts).size).toBe(2);
  });

  test('what it holds does not grow with changes of the same key', () => {
    const a: Item = { id: { S: 'a' } };
    const { images } = lastOf(ID, put(a, 1));
    const { heldBytes } = images;
    for (let n = 0; n < 10; n++) images.take(put(a, n), AT);
    expect(images.heldBytes).toBe(heldBytes);
    images.take(remove(a), AT);
    expect(images.heldBytes).toBeLessThan(heldBytes);
  });

  test('images stay as they are while others are replaced many times', () => {
    const images = new LastImages(ID);
    const image = (id: string, n: number): Item => ({ id: { S: id }, text: { S: `${n} `.repeat(30_000) } });
    const change = (id: string, n: number): ChangeRecord => ({
      ...{ kind: 'MODIFY', at: 1, key: { id: { S: id } }, image: image(id, n) },
    });
    images.take(change('first', 0), AT);
    for (let n = 0; n < 500; n++) images.take(change(`id ${n % 7}`, n), AT);
    // The last n below 500 with this remainder.
    const lastOfKey = (k: number) => k + 7 * Math.floor((499 - k) / 7);
    const found = [...images.images()].map((last) => JSON.parse(textOf(last.image!)));
    expect(found).toEqual([
      image('first', 0),
      ...Array.from({ length: 7 }, (_, k) => image(`id ${k}`, lastOfKey(k))),
    ]);
  });

  test('a change without its key is refused, and the message quotes no value', () => {
    expect(() => lastOf(ID, put({ other: { S: 'secret' } }, 1))).toThrow(
      'lacks the key attribute "id" of kind S',
    );
    expect(() => lastOf(ID, put({ id: { N: '1' } }, 1))).toThrow('of kind S');
  });
});
