import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { Terminal } from '../../../clients/errors.ts';
import type { TableEngine, WrittenText } from '../../../clients/table-engine.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { hasFormat, orderOf } from '../../../pipeline/datasets/derived/derived-store.ts';
import { tooManyFiles } from '../../../pipeline/datasets/graph/too-many-files.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { headerLine, NULL_TEXT, unescapedField } from '../../../pipeline/datasets/parquet/text-sql.ts';

/** A text file that is a part of a local one. */
interface MadeText {
  /** Absent: NULL, or there is one file for all rows. */
  readonly value: string | undefined;
  readonly offset: number;
  /** Without the header. */
  readonly bytes: number;
  readonly rows: number;
  /** With the header. */
  readonly sha256: string;
}

/** A partition as text, on the local disk. */
export interface MadeTexts {
  readonly path: string;
  readonly header: string;
  readonly filePer: string | undefined;
  readonly files: readonly MadeText[];
  readonly sha256: string;
}

/** One object is put by one request, from memory. */
const MOST_BYTES = 1024 ** 3;

/**
 * Writes a partition as text, if it is to have one.
 * @throws Terminal `TooManyFiles`
 */
export async function makeTexts(
  engine: TableEngine,
  { store }: Pick<DerivedDefinition, 'store'>,
  {
    id,
    columns,
    path,
    rows,
    directory,
  }: {
    /** As messages name the partition. */
    readonly id: string;
    readonly columns: readonly TableColumn[];
    readonly path: string | undefined;
    readonly rows: number;
    readonly directory: string;
  },
  signal: AbortSignal,
): Promise<MadeTexts | undefined> {
  if (!hasFormat(store, 'tsv')) return undefined;
  const { filePer, maxFiles } = store;
  const request = { columns, order: orderOf(store), ...(filePer === undefined ? {} : { filePer }) };
  const files = path === undefined ? [] : [path];
  const written = await engine.writeText({ ...request, files, directory, maxGroups: maxFiles }, { signal });
  const { tooManyGroups: values } = written;
  if (filePer !== undefined && values !== undefined)
    throw new Terminal('TooManyFiles', `${id}: ${tooManyFiles({ column: filePer, values, maxFiles })}`);
  const header = store.header ? headerLine(columns) : '';
  const groups = await groupsOf(written, rows);
  const made = await measured(written.path, header, groups);
  const large = made.find(({ bytes }) => bytes > MOST_BYTES);
  if (large !== undefined)
    throw new Terminal(
      'StepFailed',
      `${id} has a text file of ${large.bytes} bytes: at most ${MOST_BYTES}. Set store.filePer, or format: parquet.`,
    );
  const [first] = made;
  return {
    ...{ path: written.path, header, filePer, files: made },
    sha256: filePer === undefined && first !== undefined ? first.sha256 : hashOfAll(made),
  };
}

interface Group {
  readonly value: string | undefined;
  readonly rows: number;
}

async function groupsOf({ groups }: WrittenText, rows: number): Promise<readonly Group[]> {
  if (groups === undefined) return [{ value: undefined, rows }];
  const lines = (await readFile(groups, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => {
    const [field = NULL_TEXT, count] = line.split('\t');
    return { value: unescapedField(field), rows: Number(count) };
  });
}

/** Where each file begins and ends in the local one, and its hash. */
async function measured(path: string, header: string, groups: readonly Group[]): Promise<MadeText[]> {
  const made: MadeText[] = [];
  const waiting = groups.values();
  let group: Group | undefined;
  let hash: Hash = createHash('sha256');
  let offset = 0;
  let bytes = 0;
  let linesLeft = 0;
  const begin = () => {
    group = waiting.next().value;
    hash = createHash('sha256').update(header);
    offset += bytes;
    bytes = 0;
    linesLeft = group?.rows ?? 0;
  };
  const end = () => {
    if (group !== undefined) made.push({ ...group, offset, bytes, sha256: hash.digest('hex') });
    begin();
  };
  begin();
  // Only the one file for all rows may have none.
  if (group !== undefined && linesLeft === 0) end();
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let from = 0; from < chunk.length; ) {
      const newline = chunk.indexOf(10, from);
      const next = newline < 0 ? chunk.length : newline + 1;
      hash.update(chunk.subarray(from, next));
      bytes += next - from;
      from = next;
      if (newline >= 0 && --linesLeft === 0) end();
    }
  }
  if (made.length !== groups.length) throw new Error(`${path} has fewer lines than its groups say.`);
  return made;
}

const hashOfAll = (files: readonly MadeText[]): string => {
  const hash = createHash('sha256');
  for (const { value, rows, sha256 } of files)
    hash.update(`${JSON.stringify([value ?? null, rows, sha256])}\n`);
  return hash.digest('hex');
};

/** Reads the bodies of files, in any order. */
export async function openTexts({ path, header }: MadeTexts): Promise<{
  body(file: MadeText): Promise<Uint8Array>;
  close(): Promise<void>;
}> {
  const local = await open(path, 'r');
  return {
    body: async ({ offset, bytes }) => {
      const body = Buffer.alloc(Buffer.byteLength(header) + bytes);
      const start = body.write(header);
      await local.read(body, start, bytes, offset);
      return body;
    },
    close: () => local.close(),
  };
}
