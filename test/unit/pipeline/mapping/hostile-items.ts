import fc from 'fast-check';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';

/** Items as DynamoDB could send them at its worst: every kind, names and texts that break naive code. */

const hostileName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'list', 'map') },
  fc.constantFrom(
    '',
    'A',
    'a.b',
    'a[]',
    '[',
    '.',
    '\\',
    '\\e',
    '"',
    "'",
    'a b',
    'a__b',
    '_pos',
    'select',
    '0',
    '1',
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '\u0001',
    'é',
    '名前',
    '😀',
    '\0',
    '\n',
  ),
  fc.constant('long'.repeat(40)),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

const hostileText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    '\t',
    '\\',
    '\\N',
    'NULL',
    'nan',
    'trailing  ',
    '|',
    '😀',
  ),
  fc.constantFrom(
    '~NULL~',
    '\u0001',
    '"\u0001"',
    '~null~',
    '\0',
    'a\0b',
    '2024-02-29',
    '2024-02-30',
    '2024-02-29T00:00:00Z',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

const hostileNumber = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }).map(String),
  fc.constantFrom(
    '0',
    '-0',
    '0.0',
    '1E2',
    '1.50',
    '.5',
    '9223372036854775808',
    '1E-130',
    '9.9E+125',
    '-1.5E-100',
  ),
  fc.tuple(fc.integer(), fc.integer({ min: -130, max: 100 })).map(([digits, power]) => `${digits}E${power}`),
  fc
    .tuple(fc.constantFrom('', '-'), fc.constantFrom('0', '00', '1', '10', '007'), fc.nat(), fc.nat(40))
    .map(([sign, integer, fraction, zeros]) => `${sign}${integer}.${fraction}${'0'.repeat(zeros)}`),
);

const binary = fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const textSet = fc.uniqueArray(hostileText, { minLength: 1, maxLength: 4 });
const numberSet = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 });
const binarySet = fc.uniqueArray(binary, { minLength: 1, maxLength: 3 });

/** Own properties only, so that `__proto__` is an attribute like any other: as JSON.parse makes them. */
export const mapOf = (name: fc.Arbitrary<string>, value: fc.Arbitrary<AttributeValue>) =>
  fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));

export const valueWith = (name: fc.Arbitrary<string>, maxDepth: number) =>
  fc.letrec<{ hostileValue: AttributeValue }>((tie) => ({
    hostileValue: fc.oneof(
      { maxDepth, depthSize: 'medium' },
      hostileText.map((S): AttributeValue => ({ S })),
      hostileNumber.map((N): AttributeValue => ({ N })),
      binary.map((B): AttributeValue => ({ B })),
      fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
      fc.constant<AttributeValue>({ NULL: true }),
      textSet.map((SS): AttributeValue => ({ SS })),
      numberSet.map((NS): AttributeValue => ({ NS: NS.map(String) })),
      binarySet.map((BS): AttributeValue => ({ BS })),
      mapOf(name, tie('hostileValue')).map((M): AttributeValue => ({ M })),
      fc.array(tie('hostileValue'), { maxLength: 4 }).map((L): AttributeValue => ({ L })),
    ),
  })).hostileValue;

export const hostileValue = valueWith(hostileName, 4);

/** A partition key with a name that needs care, and a number as sort key. */
export const HOSTILE_KEY: Key = [
  { name: 'p.k', kind: 'S' },
  { name: 'sk', kind: 'N' },
];

const keyText = hostileText.filter((s) => !s.includes('\0') && s !== NULL_TEXT);

const itemsWith = (attributes: fc.Arbitrary<Item>) =>
  fc
    .uniqueArray(fc.tuple(keyText, fc.integer(), attributes), {
      maxLength: 8,
      selector: ([pk, sk]) => JSON.stringify([pk, sk]),
    })
    .map((all) => all.map(([pk, sk, more]): Item => ({ ...more, 'p.k': { S: pk }, sk: { N: String(sk) } })));

/** Items of one table: no two have the same key. */
export const hostileItems = itemsWith(mapOf(hostileName, hostileValue));

/** The same with few names and less depth, so that thousands of them have hundreds of paths in common. */
export const alikeItems = itemsWith(
  mapOf(
    fc.constantFrom(
      'a',
      'A',
      'a.b',
      'a__b',
      'b',
      'c',
      'list',
      'map',
      '__proto__',
      '_pos',
      '"',
      '',
      'p.k',
      'select',
    ),
    valueWith(fc.constantFrom('a', 'b', 'p.k'), 2),
  ),
);
