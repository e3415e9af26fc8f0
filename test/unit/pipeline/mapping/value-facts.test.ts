import { expect, test } from '@jest/globals';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { valueFacts } from '../../../../src/pipeline/mapping/value-facts.ts';

const mapping = Mapping.parse({
  exclude: ['gone'],
  columns: { at: { epoch: 'ms' }, address: { hash: true }, phone: { mask: true } },
});

test.each<[string, 'scalar' | 'count', string[]]>([
  ['plain', 'scalar', []],
  ['at', 'scalar', ['times, from ms since 1970']],
  ['at.%n', 'scalar', ['numbers that are no exact time']],
  ['address.street', 'scalar', ['hashed']],
  ['address.tags', 'count', []],
  ['phone', 'scalar', ['masked']],
  ['gone', 'scalar', ['no longer filled by the mapping']],
])('of %s, the %s: %j', (path, form, facts) => {
  expect(valueFacts(mapping)({ path, form })).toEqual(facts);
});
