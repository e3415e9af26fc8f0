import type { S3Client } from '@aws-sdk/client-s3';
import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import { NotSupported } from '../../sql/unsupported.ts';
import { CopyFailure } from '../copy-failure.ts';
import type { CopyOutcome } from '../copy-outcome.ts';
import { CopyText } from '../copy-text.ts';
import type { FileLoader } from '../file-loader.ts';
import { MAX_ROW_BYTES, rowTooLarge } from '../row-limits.ts';
import { writeRow } from '../row-writer.ts';
import type { OpenedFile, SourceFile } from '../source/source-files.ts';
import type { TargetColumn } from '../target-column.ts';
import { FieldError } from '../values/field-error.ts';
import { schemaProblem } from './check-schema.ts';
import { objectBytes } from './object-bytes.ts';
import { parquetField } from './parquet-field.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import { spectrumFailure } from './spectrum-failure.ts';

/**
 * Loads Parquet files (AWS: "COPY from columnar data formats"): columns by position, one row group in memory at a time.
 * The first error fails the COPY, and only its message tells where it was.
 */
export class ParquetLoader implements FileLoader {
  readonly out = new CopyText();
  readonly #s3: S3Client;
  readonly #columns: TargetColumn[];
  readonly #copy: CopyStatement;
  readonly #outcome: CopyOutcome;
  readonly #signal: AbortSignal;

  constructor(of: {
    s3: S3Client;
    columns: TargetColumn[];
    copy: CopyStatement;
    outcome: CopyOutcome;
    signal: AbortSignal;
  }) {
    this.#s3 = of.s3;
    this.#columns = of.columns;
    this.#copy = of.copy;
    this.#outcome = of.outcome;
    this.#signal = of.signal;
  }

  async load(file: SourceFile, opened: OpenedFile, written: () => Promise<void>): Promise<void> {
    const extension = /\.(gz|snappy|bz2)$/.exec(file.key)?.[0];
    // Redshift decompresses the whole file first.
    if (extension !== undefined)
      throw new NotSupported(`COPY FORMAT PARQUET of files that end with ${extension}`);
    if (file.contentLength !== undefined && file.contentLength !== opened.bytes) {
      throw spectrumFailure(
        `File '${file.url}' has ${opened.bytes} bytes, and its content_length in the manifest is ${file.contentLength}`,
      );
    }
    const region = await this.#s3.config.region();
    const httpsUrl = `https://s3.${region}.amazonaws.com/${file.bucket}/${file.key}`;
    const bytes = await objectBytes(this.#s3, file, opened, this.#signal);
    const parts: ArrayBuffer[] = [];
    const slice = async (start: number, end?: number) => {
      const part = await bytes.slice(start, end);
      parts.push(part);
      return part;
    };
    const parquet = await openParquet({ byteLength: bytes.byteLength, slice }).catch(unreadable(httpsUrl));
    const problem = schemaProblem(parquet.columns, this.#columns, this.#copy, { httpsUrl, s3Url: file.url });
    if (problem !== undefined) throw problem;
    const groups = parquet.rowGroups();
    for (;;) {
      this.#signal.throwIfAborted();
      const group = await groups.next().catch(unreadable(httpsUrl));
      if (group.done === true) return;
      const { rows, columns } = group.value;
      for (let row = 0; row < rows; row++) {
        this.#addRow(parquet, columns, row, httpsUrl);
        if (row % 256 === 255) await written();
      }
      await written();
      // The group's values are in these bytes. Otherwise the garbage collector frees them much later.
      for (const part of parts.splice(0)) part.transfer(0);
    }
  }

  #addRow(parquet: ParquetFile, values: ArrayLike<unknown>[], row: number, httpsUrl: string): void {
    const { replaceInvalid } = this.#copy;
    const before = this.out.length;
    const refused = writeRow(
      this.out,
      this.#columns,
      (column, index) => {
        const node = parquet.columns[index];
        // FILLRECORD.
        if (node === undefined) return null;
        return parquetField(values[index]![row], node, column, replaceInvalid);
      },
      () => '',
    );
    if (refused?.code === 1213)
      throw new CopyFailure(`Cannot insert a NULL value into column ${refused.column!.name}`, { code: 8007 });
    if (refused !== undefined) throw spectrumFailure(`${refused.message}, File name: ${httpsUrl}`);
    if (this.out.length - before > MAX_ROW_BYTES) throw rowTooLarge(httpsUrl);
    this.#outcome.loadedRows++;
  }
}

/** What a reader throws at a file that is not Parquet, or damaged. */
function unreadable(httpsUrl: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof CopyFailure || error instanceof NotSupported) throw error;
    const { message } = error as Error;
    if (error instanceof FieldError) throw spectrumFailure(`${message}, File name: ${httpsUrl}`);
    throw spectrumFailure(`File '${httpsUrl}' is not a Parquet file, or damaged: ${message}`);
  };
}
