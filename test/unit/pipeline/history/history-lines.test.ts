import { describe, expect, test } from '@jest/globals';
import type { ChangeRecord } from '../../../../src/pipeline/changes/change-record.ts';
import { HistoryLines } from '../../../../src/pipeline/history/history-lines.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { keyedHash } from '../../../../src/pipeline/item/keyed-hash.ts';
import { DestinationMapping, joinedMapping } from '../../../../src/pipeline/mapping/destination-mapping.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';

const KEY: Key = [{ name: 'id', kind: 'S' }];
const SHARD = 'shard-1';

function linesOf(pipeline: unknown = {}, own: unknown = {}) {
  const mapping = Mapping.parse(pipeline);
  const joined = joinedMapping(mapping, DestinationMapping.parse(own));
  return new HistoryLines(mapping, joined, KEY, { hash: keyedHash('k'.repeat(32)) });
}

const item = (more: Item = {}): Item => ({ id: { S: 'a' }, ...more });
const change = (kind: ChangeRecord['kind'], images: Partial<ChangeRecord> = {}): ChangeRecord => ({
  ...{ kind, at: 1_796_033_700, key: item(), sequence: '7' },
  ...images,
});

describe('one line per change', () => {
  test('says what happened, when, to which item, and where it is in its shard', () => {
    const before = item({ n: { N: '1' } });
    const image = item({ n: { N: '2' } });
    expect(linesOf().of(change('MODIFY', { before, image }), SHARD)).toEqual({
      kind: 'MODIFY',
      at: '2026-11-30T10:15:00Z',
      ...{ key: item(), image, before, sequence: '7', shard: SHARD },
    });
  });

  test('a deletion by time to live is marked', () => {
    expect(linesOf().of(change('REMOVE', { expired: true }), SHARD)).toMatchObject({ expired: true });
  });

  test('an attribute named __proto__ arrives', () => {
    const image = JSON.parse('{"id":{"S":"a"},"__proto__":{"S":"x"}}') as Item;
    expect(JSON.stringify(linesOf().of(change('INSERT', { image }), SHARD))).toContain(
      '"__proto__":{"S":"x"}',
    );
  });
});

describe('a destination’s own mapping', () => {
  test('leaves out and hides, in the image before as well', () => {
    const lines = linesOf({}, { columns: { email: { ignore: true }, name: { mask: true } } });
    const image = item({ email: { S: 'a@b.example' }, name: { S: 'Ann' } });
    expect(lines.of(change('MODIFY', { image, before: image }), SHARD)).toMatchObject({
      image: { id: { S: 'a' }, name: { S: '***' } },
      before: { id: { S: 'a' }, name: { S: '***' } },
    });
    expect(JSON.stringify(lines.of(change('MODIFY', { image, before: image }), SHARD))).not.toContain(
      'example',
    );
  });

  test('does not hash again what the log has hashed', () => {
    const lines = linesOf({ columns: { name: { hash: true } } });
    const image = item({ name: { S: 'hashed' } });
    expect(lines.of(change('INSERT', { image }), SHARD)).toMatchObject({ image });
  });
});

describe('conditions', () => {
  const where = [{ attribute: 'state', equals: 'open' }];
  const open = item({ state: { S: 'open' } });
  const closed = item({ state: { S: 'closed' } });

  test.each([
    ['the pipeline’s', linesOf({ where })],
    ['the destination’s', linesOf({}, { where })],
  ])('%s: an item that no longer meets them was removed; one that never did has no line', (_, lines) => {
    const filtered = (images: Partial<ChangeRecord>): Partial<ChangeRecord> => ({
      ...images,
      filtered: true,
    });
    expect(lines.of(change('MODIFY', { image: open, before: closed }), SHARD)).toMatchObject({
      kind: 'MODIFY',
    });
    const left = lines.of(change('MODIFY', filtered({ image: closed, before: open })), SHARD);
    expect(left).toMatchObject({ kind: 'REMOVE', filtered: true, before: open });
    expect(left).not.toHaveProperty('image');
    expect(lines.of(change('MODIFY', filtered({ image: closed, before: closed })), SHARD)).toBeUndefined();
    expect(lines.of(change('INSERT', filtered({ image: closed })), SHARD)).toBeUndefined();
    expect(lines.of(change('REMOVE', { before: closed }), SHARD)).toBeUndefined();
    expect(lines.of(change('REMOVE', { before: open }), SHARD)).toMatchObject({ kind: 'REMOVE' });
  });

  test('without the image before, a removal always has a line', () => {
    const lines = linesOf({}, { where });
    expect(lines.of(change('MODIFY', { image: closed }), SHARD)).toMatchObject({
      kind: 'REMOVE',
      filtered: true,
    });
    expect(lines.of(change('REMOVE'), SHARD)).toMatchObject({ kind: 'REMOVE' });
  });

  test('about an attribute that the log does not show, they leave out no change that may count', () => {
    const lines = linesOf({ where, columns: { state: { ignore: true } } });
    expect(lines.of(change('MODIFY', { image: item(), before: item() }), SHARD)).toMatchObject({
      kind: 'MODIFY',
    });
    const removed = lines.of(change('MODIFY', { image: item(), before: item(), filtered: true }), SHARD);
    expect(removed).toMatchObject({ kind: 'REMOVE', filtered: true });
    expect(removed).not.toHaveProperty('before');
  });
});
