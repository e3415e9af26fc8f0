import { describe, expect, test } from '@jest/globals';
import { imageReading, madeOtherwise } from '../../../../src/activities/apply-changes/image-reading.ts';
import { makeRows } from '../../../../src/activities/apply-changes/make-rows.ts';
import { RecordedChanges } from '../../../../src/activities/changes/recorded-change.ts';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { lastMadeOtherwise } from '../../../../src/pipeline/changes/start-positions.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { keyedHash, keyId } from '../../../../src/pipeline/item/keyed-hash.ts';
import { attributePath, ROOT } from '../../../../src/pipeline/item/path.ts';
import { DestinationMapping, joinedMapping } from '../../../../src/pipeline/mapping/destination-mapping.ts';
import { Withheld } from '../../../../src/pipeline/mapping/hide/withheld.ts';
import { withheldId } from '../../../../src/pipeline/mapping/hide/withheld-id.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { LastImages } from '../../../../src/store/changes/last-images.ts';
import { decompress } from '../../../../src/store/part-buffer.ts';

const HASH_KEY = 'a key of the tests, which is long enough';
const OTHER_KEY = 'another key, which is also long enough.';
const KEY: Key = [{ name: 'id', kind: 'S' }];
const hiding = { hash: keyedHash(HASH_KEY) };

const pipeline = Mapping.parse({
  columns: { email: { hash: true }, card: { mask: true }, secret: { ignore: true } },
  where: [{ attribute: 'secret', notEquals: 'drop' }],
});
const joined = joinedMapping(
  pipeline,
  DestinationMapping.parse({
    columns: { phone: { hash: true }, city: { mask: true }, email: { mask: false } },
    where: [{ attribute: 'phone', notEquals: '0' }],
  }),
);
const loaded = {
  ...{ schema: 'orders', mapping: joined, key: KEY },
  ...{ hashKeyId: keyId(HASH_KEY), logMapping: pipeline },
};

const item = (id: string, phone = '1'): Item => ({
  ...{ id: { S: id }, email: { S: 'e' }, card: { S: 'c' }, secret: { S: 's' } },
  ...{ phone: { S: phone }, city: { S: 'x' }, zip: { S: 'z' } },
});
const inLog = (each: Item) => new Withheld(pipeline, KEY, hiding).without(each, ROOT);

function readingOf(hashKey: string | undefined, more = {}) {
  const reading = imageReading(pipeline, { ...loaded, ...more }, hashKey);
  if ('code' in reading) throw new Error(reading.message);
  return reading;
}

/** The lines of the root table that an apply copies. */
async function linesOf(...items: Item[]): Promise<string[]> {
  const images = new LastImages(KEY);
  for (const each of items)
    images.take(
      { kind: 'MODIFY', at: 1, key: { id: each.id! }, image: inLog(each) },
      { shard: 'a', checkpoint: 1 },
    );
  const columns = ['card', 'city', 'email', 'phone', 'zip'].map((name) => ({
    path: attributePath(ROOT, name),
    form: 'scalar' as const,
  }));
  const layouts = [{ table: ROOT, columns, nullText: '@NULL@' }];
  const { signal } = new AbortController();
  const made = await makeRows(images, layouts, { ...readingOf(HASH_KEY), compression: 'gzip' }, signal);
  expect([made.odd, made.rejected.size]).toEqual([0, 0]);
  let text = '';
  const put: ObjectStore['put'] = async (key, body) => {
    text = await decompress(key, body as Uint8Array);
    return 'etag' as never;
  };
  await made.files.upload({ bucket: 'b', put } as ObjectStore, 'apply/', signal);
  return text.trimEnd().split('\n');
}

describe('images of the log become rows', () => {
  test('with the values that a refresh writes: what only the destination hides is hidden now, nothing twice', () => {
    const { mapping, hiding: now } = readingOf(HASH_KEY);
    const applied = new Withheld(mapping, KEY, now).without(inLog(item('a')), ROOT);
    expect(applied).toEqual(new Withheld(joined, KEY, hiding).without(item('a'), ROOT));
    expect(applied).toMatchObject({ phone: { S: hiding.hash('1') }, city: { S: '***' }, zip: { S: 'z' } });
  });

  test('in the files that COPY reads, and without items that the destination leaves out', async () => {
    const [line, ...others] = await linesOf(item('a'), item('b', '0'));
    expect(others).toEqual([]);
    expect(line).toBe(`"a","***","***","${hiding.hash('e')}","${hiding.hash('1')}","z"`);
  });

  test('conditions of the pipeline on what images do not show are left to the log', () => {
    expect(readingOf(HASH_KEY).mapping.where).toEqual([{ attribute: 'phone', notEquals: '0' }]);
  });

  test('a worker with another key than the run waits for a refresh; one without a key stops', () => {
    expect(imageReading(pipeline, loaded, OTHER_KEY)).toMatchObject({ code: 'HashKeyDiffers' });
    expect(() => imageReading(pipeline, loaded, undefined)).toThrow(
      expect.objectContaining({ code: 'HashKeyMissing' }),
    );
    // It hashes nothing itself.
    expect(readingOf(undefined, { mapping: pipeline }).logKeyId).toBe(keyId(HASH_KEY));
  });

  test('checkpoints must be hashed as the schema was', () => {
    const file = { key: 'k', etag: 'e', records: 1, bytes: 1 };
    const reading = readingOf(HASH_KEY);
    expect(madeOtherwise({ file, hashKeyId: keyId(HASH_KEY) }, reading)).toBeUndefined();
    expect(madeOtherwise({ file, hashKeyId: keyId(OTHER_KEY) }, reading)).toBe('hashed');
    // Recorded before the mapping had `hash`: the values are in the clear.
    expect(madeOtherwise({ file }, reading)).toBe('hashed');
    expect(madeOtherwise({}, reading)).toBeUndefined();
    expect(madeOtherwise({ file, hashKeyId: keyId(HASH_KEY) }, { ...reading, logKeyId: undefined })).toBe(
      'hashed',
    );
  });

  test('checkpoints must be made by the mapping that the pipeline had when the schema was read', () => {
    const reading = readingOf(HASH_KEY);
    const changes = (mapping: Mapping) => new RecordedChanges(mapping, KEY, HASH_KEY).madeBy(undefined);
    const file = { key: 'k', etag: 'e', records: 1, bytes: 1 };
    expect(madeOtherwise({ file, ...changes(pipeline) }, reading)).toBeUndefined();
    const { secret: _, ...columns } = pipeline.columns;
    const now = { ...pipeline, columns };
    expect(madeOtherwise({ file, ...changes(now) }, reading)).toBe('withheld');
    expect(madeOtherwise(changes(now), reading)).toBeUndefined();
    // Not the mapping as it is now decides, but the one by which the schema was read.
    const later = imageReading(now, loaded, HASH_KEY);
    if ('code' in later) throw new Error(later.message);
    expect(madeOtherwise({ file, ...changes(pipeline) }, later)).toBeUndefined();
    expect(later.mapping).toEqual(reading.mapping);
    // Schemas and checkpoints of older versions.
    const { hashKeyId } = changes(pipeline);
    expect(
      madeOtherwise({ file, ...(hashKeyId === undefined ? {} : { hashKeyId }) }, reading),
    ).toBeUndefined();
    const unknown = imageReading(pipeline, { ...loaded, logMapping: undefined }, HASH_KEY);
    expect(madeOtherwise({ file, ...changes(now) }, unknown as typeof reading)).toBeUndefined();
  });
});

describe('a checkpoint says since when its shard is recorded by its settings', () => {
  const madeBy = (mapping: Mapping, last?: Parameters<RecordedChanges['madeBy']>[0]) =>
    new RecordedChanges(mapping, KEY, HASH_KEY).madeBy(last).withheld!;
  const other = Mapping.parse({ columns: { email: { ignore: true } } });

  test('and so whether those after a place are all alike', () => {
    const first = madeBy(pipeline);
    expect(first).toEqual({ id: withheldId(pipeline), since: 1 });
    const same = madeBy(pipeline, { number: 4, withheld: first });
    expect(same).toEqual(first);
    const changed = madeBy(other, { number: 5, withheld: same });
    expect(changed).toEqual({ id: withheldId(other), since: 6 });
    expect(lastMadeOtherwise({ number: 6, withheld: changed }, withheldId(other))).toBe(5);
    expect(lastMadeOtherwise({ number: 6, withheld: changed }, withheldId(pipeline))).toBe(6);
  });

  test('those of older versions are as the next one', () => {
    expect(madeBy(other, { number: 7 })).toEqual({ id: withheldId(other), since: 1 });
    expect(lastMadeOtherwise({ number: 7 }, withheldId(other))).toBe(0);
    expect(lastMadeOtherwise(undefined, withheldId(other))).toBe(0);
  });
});
