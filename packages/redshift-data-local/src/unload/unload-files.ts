import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { UnloadStatement } from '../sql/unload/unload-statement.ts';
import { parquetSchema, parquetValue } from './parquet-columns.ts';
import { headerLine, textLine } from './text-line.ts';
import type { UnloadedColumn } from './unloaded-column.ts';

type Row = readonly (string | null)[];

/** A file that is being written to the local disk. Its size is approximate. */
interface OpenFile {
  bytes: number;
  rows: number;
  add(rows: readonly Row[]): Promise<void>;
  end(): Promise<void>;
}

export interface WrittenFile {
  readonly url: string;
  readonly bytes: number;
  readonly rows: number;
}

/** What "slices" the local warehouse has: with PARALLEL, rows are spread over as many files. */
const SLICES = 2;

/** Writes the rows of an UNLOAD to files, first to the local disk and then to S3. Memory holds a few thousand rows. */
export class UnloadFiles {
  readonly #s3: S3Client;
  readonly #unload: UnloadStatement;
  readonly #columns: readonly UnloadedColumn[];
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #directory: Promise<string>;
  readonly #slices: { open: OpenFile | undefined; parts: number }[];
  readonly #written: WrittenFile[] = [];
  #next = 0;

  constructor(s3: S3Client, unload: UnloadStatement, columns: readonly UnloadedColumn[]) {
    this.#s3 = s3;
    this.#unload = unload;
    this.#columns = columns;
    const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(unload.to) ?? [];
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#directory = mkdtemp(join(tmpdir(), 'redshift-unload-'));
    const slices = unload.parallel ? SLICES : 1;
    this.#slices = Array.from({ length: slices }, () => ({ open: undefined, parts: 0 }));
  }

  async add(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const number = this.#next++ % this.#slices.length;
    const slice = this.#slices[number]!;
    slice.open ??= await this.#openFile(number);
    await slice.open.add(rows);
    if (slice.open.bytes >= this.#unload.maxFileBytes) await this.#close(number);
  }

  /** @returns all files, in the order of their names */
  async end(): Promise<WrittenFile[]> {
    for (const [number, { parts }] of this.#slices.entries()) {
      const slice = this.#slices[number]!;
      // Without rows, each slice writes an empty file of text; a file of Parquet would have nothing to say.
      if (slice.open === undefined && parts === 0 && this.#unload.format !== 'parquet')
        slice.open = await this.#openFile(number);
      if (slice.open !== undefined) await this.#close(number);
    }
    return this.#written.toSorted((a, b) => (a.url < b.url ? -1 : 1));
  }

  async discard(): Promise<void> {
    await rm(await this.#directory, { recursive: true, force: true });
  }

  async #openFile(slice: number): Promise<OpenFile> {
    const path = join(await this.#directory, String(slice));
    const { format } = this.#unload;
    return format === 'parquet'
      ? parquetFile(path, this.#columns)
      : textFile(path, this.#columns, this.#unload);
  }

  async #close(number: number): Promise<void> {
    const slice = this.#slices[number]!;
    const { open } = slice;
    if (open === undefined) return;
    await open.end();
    const path = join(await this.#directory, String(number));
    const { size } = await stat(path);
    const key = `${this.#prefix}${this.#name(number, slice.parts)}`;
    const body = createReadStream(path);
    await this.#s3.send(
      new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, ContentLength: size }),
    );
    this.#written.push({ url: `s3://${this.#bucket}/${key}`, bytes: size, rows: open.rows });
    slice.open = undefined;
    slice.parts++;
  }

  /** AWS: `<slice-number>_part_<part-number>`; with PARALLEL OFF, `000`. */
  #name(slice: number, part: number): string {
    const { parallel, format, compression } = this.#unload;
    const digits = (value: number, count: number) => String(value).padStart(count, '0');
    const name = parallel ? `${digits(slice, 4)}_part_${digits(part, 2)}` : digits(part, 3);
    return `${name}${format === 'parquet' ? '.parquet' : { none: '', gzip: '.gz', zstd: '.zst' }[compression]}`;
  }
}

function textFile(path: string, columns: readonly UnloadedColumn[], unload: UnloadStatement): OpenFile {
  const target = createWriteStream(path);
  const { compression } = unload;
  const packed =
    compression === 'gzip' ? createGzip() : compression === 'zstd' ? createZstdCompress() : undefined;
  packed?.pipe(target);
  const out = packed ?? target;
  const write = async (text: string) => {
    file.bytes += Buffer.byteLength(text);
    if (!out.write(text)) await once(out, 'drain');
  };
  let hasHeader = !unload.header;
  const begin = async () => {
    if (hasHeader) return;
    hasHeader = true;
    // AWS: "the row count includes the header line".
    file.rows++;
    await write(headerLine(columns, unload));
  };
  const file: OpenFile = {
    bytes: 0,
    rows: 0,
    add: async (rows) => {
      await begin();
      file.rows += rows.length;
      await write(rows.map((row) => textLine(row, columns, unload)).join(''));
    },
    end: async () => {
      await begin();
      out.end();
      await finished(target);
    },
  };
  return file;
}

function parquetFile(path: string, columns: readonly UnloadedColumn[]): OpenFile {
  const writer = fileWriter(path);
  const parquet = new ParquetWriter({
    writer,
    schema: parquetSchema(columns),
    createdBy: 'Amazon Redshift (local)',
  });
  const file: OpenFile = {
    bytes: 0,
    rows: 0,
    add: async (rows) => {
      const columnData = columns.map((column, index) => ({
        name: column.name,
        data: rows.map((row) => {
          const value = row[index] ?? null;
          return value === null ? null : parquetValue(value, column);
        }),
      }));
      await parquet.write({ columnData, rowGroupSize: rows.length });
      file.bytes = writer.offset;
      file.rows += rows.length;
    },
    end: async () => {
      await parquet.finish();
    },
  };
  return file;
}
