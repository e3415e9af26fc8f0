import { expect, test } from '@jest/globals';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';
import { valueFacts } from '../../../../../src/pipeline/mapping/suggest/value-facts.ts';

const mapping = Mapping.parse({
  exclude: ['gone'],
  columns: {
    at: { epoch: 'ms' },
    address: { hash: true },
    phone: { mask: true },
    'lines[].note': { mask: true },
  },
});

test.each<[string, 'scalar' | 'count', string[]]>([
  ['plain', 'scalar', []],
  ['at', 'scalar', ['times, from ms since 1970']],
  ['at.%n', 'scalar', ['numbers that are no exact time']],
  ['address.street', 'scalar', ['hashed']],
  ['address.tags', 'count', []],
  ['phone', 'scalar', ['masked']],
  ['lines', 'scalar', ['masked']],
  ['lines.note', 'scalar', ['masked']],
  ['lines[].sku', 'scalar', []],
  ['lines.%super', 'scalar', ['no longer filled by the mapping']],
  ['gone', 'scalar', ['no longer filled by the mapping']],
])('of %s, the %s: %j', (path, form, facts) => {
  expect(valueFacts(mapping)({ path, form })).toEqual(facts);
});
