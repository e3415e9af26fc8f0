import { describe, expect, test } from '@jest/globals';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { isSameReading } from '../../../../src/pipeline/mapping/same-reading.ts';

const parse = (mapping: unknown) => Mapping.parse(mapping);
const before = parse({ columns: { a: { hash: true }, b: { type: 'BIGINT' } }, maxDepth: 4 });

describe('two mappings write the same part files', () => {
  test.each([
    ['in another order', { maxDepth: 4, columns: { b: { type: 'BIGINT' }, a: { hash: true } } }],
    ['with another type', { columns: { a: { hash: true }, b: { type: 'VARCHAR(20)' } }, maxDepth: 4 }],
    ['without a type', { columns: { a: { hash: true } }, maxDepth: 4 }],
  ])('%s', (_, mapping) => {
    expect(isSameReading(before, parse(mapping))).toBe(true);
  });

  test.each([
    ['if one hides more', { columns: { a: { hash: true }, b: { mask: true } }, maxDepth: 4 }],
    ['if one leaves out less', { columns: {}, maxDepth: 4 }],
    ['with another depth', { columns: { a: { hash: true } }, maxDepth: 5 }],
    [
      'with a condition',
      { columns: { a: { hash: true } }, maxDepth: 4, where: [{ attribute: 'c', exists: true }] },
    ],
  ])('not %s', (_, mapping) => {
    expect(isSameReading(before, parse(mapping))).toBe(false);
  });
});
