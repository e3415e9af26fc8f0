import { isUtf8 } from 'node:buffer';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type AsyncBuffer, parquetMetadataAsync, parquetScan } from 'hyparquet';
import { NotSupported } from '../../sql/unsupported.ts';
import { FieldError } from '../values/field-error.ts';
import { checkedPages } from './checked-pages.ts';
import { type ParquetNode, parquetColumns, withStoredValues } from './parquet-schema.ts';

/** Values as they are stored; texts within nested columns are decoded. */
type StoredColumn = ArrayLike<unknown>;

export interface ParquetFile {
  columns: ParquetNode[];
  /** The columns' values, one row group after another. */
  rowGroups(): AsyncGenerator<{ rows: number; columns: StoredColumn[] }>;
}

const COMPRESSORS = {
  GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
  ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes),
};
/** Those above, and what the reader has itself. */
const CODECS: ReadonlySet<string> = new Set(['UNCOMPRESSED', 'SNAPPY', ...Object.keys(COMPRESSORS)]);

const asStored = <Value>(value: Value): Value => value;
const PARSERS = {
  // INT96: nanoseconds since 1970.
  timestampFromNanoseconds: asStored,
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoded(bytes),
  jsonFromBytes: asStored,
  uuidFromBytes: asStored,
};

/** Opens a Parquet file. @throws any error if it is not one */
export async function openParquet(file: AsyncBuffer): Promise<ParquetFile> {
  const metadata = await parquetMetadataAsync(file, {
    geoparquet: false,
    parsers: { ...PARSERS, stringFromBytes: asStored },
  });
  const columns = parquetColumns(metadata);
  for (const { columns: chunks } of metadata.row_groups) {
    const codec = chunks
      .map(({ meta_data: chunk }) => chunk?.codec ?? 'none')
      .find((name) => !CODECS.has(name));
    if (codec !== undefined) throw new NotSupported(`Parquet columns with the compression ${codec}`);
  }
  return {
    columns,
    async *rowGroups() {
      const scan = await parquetScan({
        file: checkedPages(file, metadata),
        metadata: withStoredValues(metadata),
        compressors: COMPRESSORS,
        parsers: PARSERS,
        utf8: false,
        useOffsetIndex: false,
      });
      for (const { rowStart, rowEnd } of scan.ranges) {
        const values: StoredColumn[] = [];
        for (const { name } of columns)
          values.push(await scan.readColumn({ column: name, rowStart, rowEnd }));
        const rows = rowEnd - rowStart;
        const short = columns.find((_, index) => values[index]!.length !== rows);
        if (short !== undefined) throw new Error(`column ${short.name} has too few values`);
        yield { rows, columns: values };
      }
    },
  };
}

/** Of a text within a nested column. */
function decoded(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new FieldError(1220, 'A text contains invalid or unsupported UTF8 codepoints');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
