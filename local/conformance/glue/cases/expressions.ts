import type { GlueCase } from '../glue-case.ts';
import { createPartitions, createTable, found, OF_TABLE, PAGES } from './inputs.ts';

const source = `${PAGES}/API_GetPartitions.html`;
type Values = readonly string[];

interface Table {
  /** The types of the keys k1, k2, … */
  readonly types: readonly string[];
  readonly partitions: readonly Values[];
}

const text: Table = { types: ['string'], partitions: [['a%'], ['ab'], ['b'], ["it's"]] };
const int: Table = { types: ['int'], partitions: [['-5'], ['10'], ['9']] };
const two: Table = {
  types: ['string', 'int'],
  partitions: [
    ['a', '1'],
    ['a', '2'],
    ['b', '1'],
    ['b', '2'],
  ],
};
const of = (type: string, ...values: readonly string[]): Table => ({
  types: [type],
  partitions: values.map((each) => [each]),
});

const made = ({ types, partitions }: Table) => [
  createTable({ PartitionKeys: types.map((Type, i) => ({ Name: `k${i + 1}`, Type })) }),
  createPartitions(...partitions),
];
const list = (Expression: string) => ({ operation: 'GetPartitions', input: { ...OF_TABLE, Expression } });

/** The partitions of `table` that expressions keep. */
const kept = (
  name: string,
  table: Table,
  expressions: Readonly<Record<string, readonly Values[]>>,
  moto?: string,
): GlueCase => ({
  ...{ name: `expression: ${name}`, source },
  calls: [
    ...made(table),
    ...Object.entries(expressions).map(([expression, values]) => ({
      ...list(expression),
      expect: found(...values),
    })),
  ],
  ...(moto === undefined ? {} : { moto }),
});

const refused = (
  name: string,
  table: Table,
  expression: string,
  error = 'InvalidInputException',
  moto?: string,
): GlueCase => ({
  ...{ name: `expression: ${name} is refused`, source },
  calls: [...made(table), { ...list(expression), error: { name: error } }],
  ...(moto === undefined ? {} : { moto }),
});

/** Which partitions an Expression of GetPartitions keeps. */
export const expressionCases: readonly GlueCase[] = [
  kept('text is compared as text', text, {
    "k1 = 'ab'": [['ab']],
    "k1 <> 'ab'": [['a%'], ['b'], ["it's"]],
    "k1 > 'ab'": [['b'], ["it's"]],
    "k1 <= 'a%'": [['a%']],
  }),
  kept('a quote in a literal is doubled', text, { "k1 = 'it''s'": [["it's"]] }),
  kept('integers are compared as numbers', int, {
    'k1 > 9': [['10']],
    'k1 >= 9': [['10'], ['9']],
    'k1 < 0': [['-5']],
    "k1 = '10'": [['10']],
  }),
  kept('bigints beyond 2^53 are distinguished', of('bigint', '9007199254740992', '9007199254740993'), {
    'k1 = 9007199254740993': [['9007199254740993']],
  }),
  kept(
    'the type long',
    of('long', '10', '9'),
    { 'k1 > 9': [['10']] },
    'does not know it, though AWS lists it',
  ),
  kept('decimals are compared as numbers', of('decimal', '1.5', '10.0'), {
    'k1 > 2': [['10.0']],
    'k1 = 10': [['10.0']],
  }),
  kept(
    'decimals with a precision and a scale',
    of('decimal(20,2)', '12345678901234567.01', '12345678901234567.02'),
    { 'k1 = 12345678901234567.02': [['12345678901234567.02']] },
    'knows only decimal without a precision, and compares doubles',
  ),
  kept('dates', of('date', '2026-01-31', '2026-02-01'), {
    "k1 >= '2026-02-01'": [['2026-02-01']],
    "k1 BETWEEN '2026-01-01' AND '2026-01-31'": [['2026-01-31']],
  }),
  kept(
    'timestamps, with or without a fraction',
    of('timestamp', '2026-01-01 10:00:00', '2026-01-01 10:00:00.5'),
    {
      "k1 = '2026-01-01 10:00:00.0'": [['2026-01-01 10:00:00']],
      "k1 > '2026-01-01 10:00:00'": [['2026-01-01 10:00:00.5']],
    },
  ),
  kept('IN and NOT IN', int, { 'k1 IN (9, -5)': [['-5'], ['9']], 'k1 NOT IN (9, -5)': [['10']] }),
  kept('BETWEEN and NOT BETWEEN have their ends', int, {
    'k1 BETWEEN -5 AND 9': [['-5'], ['9']],
    'k1 NOT BETWEEN -5 AND 9': [['10']],
  }),
  kept('LIKE and NOT LIKE', text, {
    "k1 LIKE 'a%'": [['a%'], ['ab']],
    "k1 LIKE '_'": [['b']],
    "k1 NOT LIKE 'a_'": [['b'], ["it's"]],
    "k1 LIKE '.*'": [],
  }),
  kept('IS NULL keeps none, IS NOT NULL all', int, {
    'k1 IS NULL': [],
    'k1 IS NOT NULL': [['-5'], ['10'], ['9']],
  }),
  kept('AND binds closer than OR', two, {
    "k1 = 'a' OR k1 = 'b' AND k2 = 2": [
      ['a', '1'],
      ['a', '2'],
      ['b', '2'],
    ],
    "(k1 = 'a' OR k1 = 'b') AND k2 = 2": [
      ['a', '2'],
      ['b', '2'],
    ],
  }),
  kept(
    'NOT before a condition',
    two,
    { "NOT (k1 = 'a' OR k2 = 2)": [['b', '1']], "NOT k1 = 'a' AND k2 = 2": [['b', '2']] },
    'takes it only before IN, LIKE and BETWEEN',
  ),
  kept('keywords in any case', two, {
    "k1 = 'a' and k2 between 2 and 3 Or k2 in (3)": [['a', '2']],
  }),
  refused('a column that is not a key', int, 'id = 1'),
  refused('what is no condition', int, 'k1'),
  refused('an unknown operator', int, 'k1 == 9'),
  refused('text that ends early', text, "k1 = 'ab"),
  refused('a second condition without AND', int, 'k1 = 9 k1 = 10'),
  refused('a function', int, 'abs(k1) = 5'),
  refused('LIKE with integers', int, "k1 LIKE '1%'"),
  refused('LIKE with dates', of('date', '2026-01-01'), "k1 LIKE '2026%'"),
  refused('a literal that is no date', of('date', '2026-01-01'), "k1 = '2026-02-30'"),
  refused('a literal that is no integer', int, "k1 = 'ten'"),
  refused('a literal that is no timestamp', of('timestamp', '2026-01-01 00:00:00'), "k1 = '2026-01-01'"),
  refused('a type that expressions do not take', of('array<int>', '1'), 'k1 = 1'),
  refused('a partition whose value is not of its type', of('int', 'ten'), 'k1 = 10', 'InvalidStateException'),
];
