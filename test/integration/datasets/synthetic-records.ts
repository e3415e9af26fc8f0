import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { TableColumn } from '../../../src/pipeline/datasets/parquet/column-type.ts';

/**
 * Records of every kind with what must become of each, written down by hand: no code of the product is used.
 */

/** The record module: a column of each type, and a computed one. */
export const SYNTHETIC_MODULE = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  id: { type: 'string', from: 'id' },
  day: { type: 'date', from: 'at' },
  text: { type: 'string', from: 'v.text' },
  whole: { type: 'bigint', from: 'v.whole' },
  ratio: { type: 'double', from: 'v.ratio' },
  price: { type: 'decimal(10,2)', from: 'v.price' },
  flag: { type: 'boolean', from: 'v.flag' },
  at: { type: 'timestamp', from: 'at' },
  since: { type: 'timestamp', from: 'v.since', epoch: 'ms' },
  born: { type: 'date', from: 'v.born' },
  bytes: { type: 'binary', from: 'v.bytes' },
  tags: { type: { list: 'string' }, from: 'v.tags' },
  point: { type: { struct: { x: 'bigint', y: 'string' } }, from: 'v.point' },
  size: {
    type: 'bigint',
    compute: (record: { v?: { text?: unknown } }) => {
      const text = record.v?.text;
      if (text === 'throw') throw new Error('as the record wants');
      return typeof text === 'string' ? text.length : null;
    },
  },
});
`;

const kind = (name: 'string' | 'bigint' | 'double' | 'boolean' | 'timestamp' | 'date' | 'binary') => ({
  kind: name,
});

/** Of the data files. */
export const SYNTHETIC_COLUMNS: readonly TableColumn[] = [
  { name: 'id', type: kind('string') },
  { name: 'text', type: kind('string') },
  { name: 'whole', type: kind('bigint') },
  { name: 'ratio', type: kind('double') },
  { name: 'price', type: { kind: 'decimal', precision: 10, scale: 2 } },
  { name: 'flag', type: kind('boolean') },
  { name: 'at', type: kind('timestamp') },
  { name: 'since', type: kind('timestamp') },
  { name: 'born', type: kind('date') },
  { name: 'bytes', type: kind('binary') },
  { name: 'tags', type: { kind: 'list', of: kind('string') } },
  {
    name: 'point',
    type: {
      kind: 'struct',
      fields: [
        { name: 'x', type: kind('bigint') },
        { name: 'y', type: kind('string') },
      ],
    },
  },
  { name: 'size', type: kind('bigint'), isComputed: true },
];

/** Every value as text in a form that DuckDB's own functions give; NULL is NULL. */
export const SYNTHETIC_SQL = `SELECT id || ' ' || json_object(
  'day', day, 'text', "text", 'whole', whole::VARCHAR, 'ratio', ratio::VARCHAR, 'price', price::VARCHAR, 'flag', flag::VARCHAR,
  'at', epoch_us("at")::VARCHAR, 'since', epoch_us(since)::VARCHAR, 'born', "born"::VARCHAR, 'bytes', hex(bytes),
  'tags', tags, 'point', point, 'size', size::VARCHAR) FROM t ORDER BY ALL`;

/** What a value of `v` becomes: texts by column, or undefined if the record is set aside. */
type Expected = Readonly<Record<string, unknown>> | undefined;

const huge = 'x'.repeat(3_000_000);

/** A value of `v` as JSON, and the columns that it fills. */
const VALUES: readonly (readonly [json: string, expected: Expected])[] = [
  ['{}', {}],
  ['{"text":null,"whole":null,"ratio":null,"price":null,"flag":null,"tags":null,"point":null}', {}],
  ['{"unknown":{"deep":[1,{"a":2}]}}', {}],
  // Text
  ['{"text":""}', { text: '', size: '0' }],
  ['{"text":" a\\u0000b\\n\\"\\\\ "}', { text: ' a\0b\n"\\ ', size: '8' }],
  ['{"text":"\\u00e4\\ud83d\\ude00NULL"}', { text: 'ä😀NULL', size: '7' }],
  ['{"text":"\\ud83d"}', undefined],
  ['{"text":1}', undefined],
  ['{"text":{"a":1}}', undefined],
  [`{"text":"${huge}"}`, { text: huge, size: '3000000' }],
  ['{"text":"throw"}', undefined],
  // Integers
  ['{"whole":0}', { whole: '0' }],
  ['{"whole":-0}', { whole: '0' }],
  ['{"whole":9223372036854775807}', { whole: '9223372036854775807' }],
  ['{"whole":"-9223372036854775808"}', { whole: '-9223372036854775808' }],
  ['{"whole":9223372036854775808}', undefined],
  ['{"whole":1e3}', { whole: '1000' }],
  ['{"whole":1.5}', undefined],
  ['{"whole":"1.0"}', undefined],
  ['{"whole":true}', undefined],
  ['{"whole":" 1"}', undefined],
  // Doubles
  ['{"ratio":0.1}', { ratio: '0.1' }],
  ['{"ratio":-1e-300}', { ratio: '-1e-300' }],
  ['{"ratio":1e999}', undefined],
  ['{"ratio":9007199254740993}', undefined],
  ['{"ratio":"1"}', undefined],
  // Decimals
  ['{"price":12345678.9}', { price: '12345678.90' }],
  ['{"price":"-0.05"}', { price: '-0.05' }],
  ['{"price":1.10}', { price: '1.10' }],
  ['{"price":0.005}', undefined],
  ['{"price":123456789}', undefined],
  ['{"price":[1]}', undefined],
  // Booleans
  ['{"flag":true}', { flag: 'true' }],
  ['{"flag":false}', { flag: 'false' }],
  ['{"flag":"true"}', undefined],
  ['{"flag":0}', undefined],
  // Times
  ['{"since":0}', { since: '0' }],
  ['{"since":-1}', { since: '-1000' }],
  ['{"since":1762000000000.5}', { since: '1762000000000500' }],
  ['{"since":1762000000000123456}', undefined],
  ['{"since":"2026-11-01T00:00:00Z"}', undefined],
  ['{"born":"2000-02-29"}', { born: '2000-02-29' }],
  ['{"born":"2001-02-29"}', undefined],
  ['{"born":"0001-01-01"}', { born: '0001-01-01' }],
  ['{"born":20000229}', undefined],
  // Bytes
  ['{"bytes":""}', { bytes: '' }],
  ['{"bytes":"AP8="}', { bytes: '00FF' }],
  ['{"bytes":"AP8"}', undefined],
  // Lists and structs
  ['{"tags":[]}', { tags: [] }],
  ['{"tags":["a",null,""]}', { tags: ['a', null, ''] }],
  ['{"tags":["a",1]}', undefined],
  ['{"tags":"a"}', undefined],
  ['{"point":{}}', { point: { x: null, y: null } }],
  ['{"point":{"x":1,"y":"b","z":2}}', { point: { x: 1, y: 'b' } }],
  ['{"point":{"x":"a"}}', undefined],
];

/** When it was, as JSON, and the day and microseconds that follow; undefined: the record is set aside. */
const TIMES: readonly (readonly [json: string, day: string | undefined, microseconds?: string])[] = [
  ['"2026-11-01T23:59:59.999999Z"', '2026-11-01', '1793577599999999'],
  ['"2026-11-02T00:30:00+01:00"', '2026-11-01', '1793575800000000'],
  ['"2026-11-02T00:00:00.5Z"', '2026-11-02', '1793577600500000'],
  ['"1970-01-01T00:00:00Z"', '1970-01-01', '0'],
  ['"1969-12-31T23:59:59Z"', undefined],
  ['"9999-01-01T00:00:00Z"', undefined],
  ['"2026-11-31T00:00:00Z"', undefined],
  ['"yesterday"', undefined],
  ['1793577600500', undefined],
  ['null', undefined],
];

interface SyntheticRecord {
  readonly id: string;
  readonly json: string;
  /** The row as the query gives it; undefined if it is set aside. */
  readonly row: string | undefined;
}

function recordOf(id: string, value: number, time: number): SyntheticRecord {
  const [json, columns] = VALUES[value % VALUES.length]!;
  const [at, day, microseconds] = TIMES[time % TIMES.length]!;
  const row =
    columns === undefined || day === undefined
      ? undefined
      : `${id} ${JSON.stringify({
          ...{ day, text: null, whole: null, ratio: null, price: null, flag: null, at: microseconds },
          ...{ since: null, born: null, bytes: null, tags: null, point: null, size: null },
          ...columns,
        })}`;
  return { id, json: `{"id":${JSON.stringify(id)},"v":${json},"at":${at}}`, row };
}

interface SyntheticFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly rows: readonly string[];
  /** How many records are set aside; with 1 for a file that cannot be decompressed. */
  readonly setAside: number;
}

/** How records are put into a file. */
const pretty = (json: string) => {
  // Numbers must stay as they are written: only blanks between the parts change.
  const [, id, v, at] = /^\{("id":.*?),("v":.*),("at":[^{}]*)\}$/s.exec(json)!;
  return `{\r\n  ${id},\n\n  ${v} ,\n  ${at}\n}`;
};
const MALFORMED = ['not json', '{"id":"cut', '42', '"text"', '{"id":"x",}', '{]'];
const LAYOUTS: readonly (readonly [
  name: string,
  text: (records: readonly string[]) => string,
  malformed: number,
])[] = [
  ['lines', (records) => records.map((each) => `${each}\n`).join(''), 0],
  ['crlf', (records) => records.join('\r\n'), 0],
  ['bom', (records) => `\uFEFF${records.join('\n')}`, 0],
  ['none', (records) => records.join(''), 0],
  ['array', (records) => `[${records.join(',')}]`, 0],
  ['arrays', (records) => records.map((each) => `[ ${each} ]\n`).join(''), 0],
  ['pretty', (records) => records.map(pretty).join('\n'), 0],
  ['prettyarray', (records) => `[\n${records.map(pretty).join(',\n')}\n]\n`, 0],
  [
    'malformed',
    (records) => `${records.map((each, i) => `${MALFORMED[i % MALFORMED.length]}\n${each}`).join('\n')}\n`,
    1,
  ],
];

const halves = (text: string): [Buffer, Buffer] => {
  const bytes = Buffer.from(text);
  const middle = Math.floor(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
};
const COMPRESSIONS: readonly (readonly [name: string, compress: (text: string) => Uint8Array])[] = [
  ['plain', (text) => Buffer.from(text)],
  ['gz', (text) => gzipSync(text)],
  ['members.gz', (text) => Buffer.concat(halves(text).map((each) => gzipSync(each)))],
  ['zst', (text) => zstdCompressSync(text)],
  ['frames.zst', (text) => Buffer.concat(halves(text).map((each) => zstdCompressSync(each)))],
];

/** Files of every layout and compression; together they have each value and each time several times. */
export function syntheticFiles(): SyntheticFile[] {
  let made = 0;
  const files: SyntheticFile[] = [];
  for (const [layout, textOf, malformed] of LAYOUTS)
    for (const [compression, compress] of COMPRESSIONS) {
      const name = `${layout}.${compression}`;
      const records = Array.from({ length: 8 }, (_, i) => {
        const number = made++;
        // Most have a time that fits, so that their value decides.
        return recordOf(`${name}-${i}`, number, number % 3 === 0 ? number / 3 : number % 4);
      });
      files.push({
        path: name,
        bytes: compress(textOf(records.map(({ json }) => json))),
        rows: records.flatMap(({ row }) => (row === undefined ? [] : [row])),
        setAside: records.filter(({ row }) => row === undefined).length + malformed * records.length,
      });
    }
  const lost = gzipSync(recordOf('lost', 0, 0).json.repeat(500));
  const odd = (path: string, bytes: Uint8Array, setAside = 0) =>
    files.push({ path, bytes, rows: [], setAside });
  odd('empty', new Uint8Array());
  odd('empty.gz', gzipSync(''));
  odd('blank.zst', zstdCompressSync('\r\n \n\t\n'));
  odd('empty-list', Buffer.from('[]'));
  odd('truncated.gz', lost.subarray(0, lost.length - 20), 1);
  odd('truncated.zst', zstdCompressSync(recordOf('lost', 0, 0).json).subarray(0, 30), 1);
  odd(
    'damaged.gz',
    Buffer.concat([gzipSync(`${recordOf('lost', 0, 0).json}\n`), Buffer.from('1f8b08ff', 'hex')]),
    1,
  );
  odd('binary', Buffer.from([0xff, 0xfe, 0x7b, 0x22, 0xc3, 0x28, 0x0a]), 2);
  return files;
}
