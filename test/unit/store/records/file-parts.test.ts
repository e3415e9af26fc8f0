import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { lineReader } from '../../../../src/modules/read-lines.ts';
import type { LineBlock } from '../../../../src/modules/thread-messages.ts';
import { someLines, type WholeLines } from '../../../../src/pipeline/datasets/records/whole-lines.ts';
import { fileParts } from '../../../../src/store/records/file-parts.ts';
import { recordBlocks } from '../../../../src/store/records/record-blocks.ts';
import { RAW_CASES } from '../../pipeline/datasets/records/raw-cases.ts';

/** The rows are the records themselves; those with `refused` have none. */
const read = lineReader(
  { partition: { column: 'day', unit: 'day', timezone: 'UTC' } },
  [
    { name: 'day', type: { kind: 'date' }, isComputed: false },
    { name: 'json', type: { kind: 'string' }, isComputed: false },
  ],
  (record) => {
    if (Object.hasOwn(record, 'refused')) throw new Error('refused');
    return { cells: ['2026-11-01', JSON.stringify(record)] };
  },
);
const CONTEXT = { input: 0, days: { from: '0001-01-01', until: '9999-12-31' } };
const progress = new Int32Array(new SharedArrayBuffer(4));

/** What a file gives: its rows, each with its place, and what is set aside. */
class Found {
  readonly rows: string[] = [];
  readonly rejects: string[] = [];
  records = 0;
  refusals = 0;

  take({ text, indexes, rejects, records }: LineBlock): void {
    const lines = Buffer.from(text).toString('utf8').split('\n').slice(0, -1);
    if (indexes.length !== lines.length) throw new Error(`${indexes.length} rows in ${lines.length} lines`);
    for (const [i, line] of lines.entries()) this.rows.push(`${this.records + indexes[i]!} ${line}`);
    for (const { index, line, reason, raw } of rejects)
      this.rejects.push(`${this.records + index} ${line} ${reason}: ${raw}`);
    this.records += records;
  }
}

const copyOf = (lines: WholeLines) => ({ ...lines, bytes: new Uint8Array(lines.bytes) });

async function* inPieces(file: Buffer, pieceBytes: number) {
  for (let at = 0; at < file.length; at += pieceBytes)
    yield Buffer.from(file.subarray(at, Math.min(file.length, at + pieceBytes)));
}

async function byLines(file: Buffer, pieceBytes: number): Promise<Found> {
  const found = new Found();
  for await (const part of fileParts(inPieces(file, pieceBytes))) {
    if ('records' in part) {
      found.take(read({ records: part.records }, CONTEXT, progress));
      continue;
    }
    const block = read({ lines: copyOf(part.lines), context: CONTEXT }, CONTEXT, progress);
    found.take(block);
    if (block.refused === undefined) continue;
    found.refusals++;
    part.refuse(block.refused);
  }
  return found;
}

async function byteByByte(file: Buffer): Promise<Found> {
  const found = new Found();
  for await (const records of recordBlocks(inPieces(file, 1000)))
    found.take(read({ records }, CONTEXT, progress));
  return found;
}

async function expectSame(file: Buffer, pieceBytes: number): Promise<Found> {
  const [found, expected] = [await byLines(file, pieceBytes), await byteByByte(file)];
  const shown = ({ rows, rejects, records }: Found) => ({ rows, rejects, records });
  expect(shown(found)).toEqual(shown(expected));
  return found;
}

describe.each(Object.entries(RAW_CASES))('%s', (_, [file]) => {
  test.each([1, 2, 7, 1000])(
    'has the same records line by line, in pieces of %i bytes',
    async (pieceBytes) => {
      await expectSame(Buffer.from(file), pieceBytes);
    },
  );
});

test('whole lines of any file, and what else it has, are the same records', async () => {
  const bits = [
    '{"a":1}',
    '{"a":"\\n}{"}',
    '{"ä":2.50}',
    '{"refused":0}',
    '{"a":',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    'x',
  ];
  const bit = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('{"a":1}\n', '{"b":[{}]}\r\n', '{"ü":""}\n', '{"refused":1}\n') },
    { weight: 1, arbitrary: fc.constantFrom(...bits, '\n', ' ', '\r\n', '\ufeff', '\0') },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(bit, { maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      async (all, pieceBytes) => {
        await expectSame(Buffer.from(all.join('')), pieceBytes);
      },
    ),
    { numRuns: 1000 },
  );
});

const LINES = Array.from({ length: 40_000 }, (_, i) => `{"a":${i},"b":"${'ä'.repeat(i % 50)}"}\n`);

test('of a file of lines, nothing is searched byte by byte; of one with other text, only what is near it', async () => {
  const found = await expectSame(zlib.gzipSync(LINES.join('')), 4096);
  expect(found).toMatchObject({ records: 40_000, refusals: 0 });
  const broken = LINES.with(1234, '{"a":{"b"\n').with(30_000, '{"a":1}{"a":2}\n');
  const other = await expectSame(zlib.gzipSync(broken.join('')), 4096);
  expect(other).toMatchObject({ records: 40_001, refusals: 2 });
});

test('a line that is longer than is gathered, and lines without an end', async () => {
  const long = `{"a":"${'x'.repeat(3 * 1024 * 1024)}"}`;
  await expectSame(Buffer.from(`{"a":1}\n${long}\n{"a":2}\n`), 100_000);
  await expectSame(Buffer.from(`\ufeff${long}${long}`), 100_000);
  await expectSame(Buffer.from('{"a":1}\n{"a":2}'.repeat(100_000)), 1_000_000);
});

test('some of the lines are lines of their own', () => {
  const lines = { bytes: Buffer.from('a\nbb\nccc'), ends: Int32Array.from([2, 5, 8]), line: 7 };
  expect(someLines(lines, 1, 3)).toEqual({
    ...{ bytes: Buffer.from('bb\nccc'), ends: Int32Array.from([3, 6]), line: 8 },
  });
});
