import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeRecord } from '../../../../src/pipeline/changes/change-record.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { LastImages } from '../../../../src/store/changes/last-images.ts';
import { RecordLine } from '../../../../src/store/changes/record-line.ts';

const AT = { shard: 'a', checkpoint: 1 };
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\\"', '}', '{"image":', '\n', 'é🚀'),
);
const item = fc.dictionary(
  text,
  fc.oneof(
    text.map((S) => ({ S })),
    fc.array(text).map((all) => ({ L: all.map((S) => ({ S })) })),
    fc
      .dictionary(
        text,
        text.map((S) => ({ S })),
      )
      .map((M) => ({ M })),
  ),
) as fc.Arbitrary<Item>;
const record: fc.Arbitrary<ChangeRecord> = fc.record(
  {
    sequence: fc.constant('100'),
    kind: fc.constantFrom('INSERT' as const, 'MODIFY' as const, 'REMOVE' as const),
    at: fc.nat(),
    key: text.map((S) => ({ id: { S } })),
    image: item,
    before: item,
    filtered: fc.constant(true as const),
    expired: fc.constant(true as const),
  },
  { requiredKeys: ['kind', 'at', 'key'] },
);

const slice = (bytes: Buffer, start: number, end: number) => bytes.toString('utf8', start, end);

describe('the line of a change', () => {
  test('has its key and image where a parser finds them', () => {
    fc.assert(
      fc.property(record, fc.string(), (change, before) => {
        const json = JSON.stringify(change);
        const bytes = Buffer.from(`${before}\n${json}\n{"kind":"REMOVE"}`);
        const start = Buffer.byteLength(before) + 1;
        const line = new RecordLine();
        expect(line.read(bytes, start, start + Buffer.byteLength(json))).toBe(true);
        expect(slice(bytes, line.keyStart, line.keyEnd)).toBe(JSON.stringify(change.key));
        expect(slice(bytes, line.imageStart, line.imageEnd)).toBe(
          change.image === undefined ? '' : JSON.stringify(change.image),
        );
        expect([line.isRemoved, line.isFiltered]).toEqual([
          change.kind === 'REMOVE',
          change.filtered === true,
        ]);
      }),
    );
  });

  test.each([
    ['blanks', '{"kind": "MODIFY","key":{"id":{"S":"a"}}}'],
    ['an escaped name', '{"kind":"MODIFY","\\u006bey":{"id":{"S":"a"}}}'],
    ['another kind', '{"kind":"TRUNCATE","key":{"id":{"S":"a"}}}'],
    ['no kind', '{"key":{"id":{"S":"a"}}}'],
    ['no key', '{"kind":"MODIFY"}'],
    ['an image that is no item', '{"kind":"MODIFY","key":{"id":{"S":"a"}},"image":1}'],
    ['an end too early', '{"kind":"MODIFY","key":{"id":{"S":"a"}'],
    ['more after its end', '{"kind":"MODIFY","key":{"id":{"S":"a"}}}}'],
    ['nothing', ''],
  ])('is left to a parser if it has %s', (_, json) => {
    const bytes = Buffer.from(json);
    expect(new RecordLine().read(bytes, 0, bytes.length)).toBe(false);
  });

  test('is taken like the change that a parser makes of it', () => {
    const changes = fc.array(record, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(changes, fc.boolean(), (all, hasBlanks) => {
        const [parsed, bytes] = [0, 0].map(() => new LastImages([{ name: 'id', kind: 'S' }]));
        for (const change of all) {
          const line = Buffer.from(`${JSON.stringify(change, null, hasBlanks ? 1 : 0)}`);
          parsed!.take(change, AT);
          bytes!.takeLine(line, 0, line.length, AT);
        }
        expect(contentOf(bytes!)).toEqual(contentOf(parsed!));
        expect(bytes!.heldBytes).toBe(parsed!.heldBytes);
      }),
    );
  });
});

const contentOf = (images: LastImages) =>
  [...images.images()].map(({ image, ...last }) => ({
    ...last,
    image: image && slice(image.in, image.start, image.end),
  }));
