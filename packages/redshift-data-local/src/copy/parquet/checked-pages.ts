import type { AsyncBuffer, ColumnMetaData, FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';

/**
 * The same bytes, checked before they are decoded: the pages of each column chunk must fill it, and must have as many
 * values as it declares. With a page header that is damaged, the decoder would read without an end.
 */
export function checkedPages(file: AsyncBuffer, metadata: FileMetaData): AsyncBuffer {
  const chunks = metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data: chunk }) => (chunk === undefined ? [] : [{ chunk, ...rangeOf(chunk) }])),
  );
  return {
    byteLength: file.byteLength,
    async slice(from, to = file.byteLength) {
      const bytes = await file.slice(from, to);
      for (const { chunk, start, end } of chunks)
        if (start >= from && end <= to) checkChunk(new DataView(bytes, start - from, end - start), chunk);
      return bytes;
    },
  };
}

function rangeOf(chunk: ColumnMetaData): { start: number; end: number } {
  // Some writers leave out the dictionary's offset, or write 0.
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  return { start, end: start + Number(chunk.total_compressed_size) };
}

function checkChunk(view: DataView, chunk: ColumnMetaData): void {
  const name = chunk.path_in_schema.join('.');
  const reader = { view, offset: 0 };
  let values = 0;
  while (reader.offset < view.byteLength) {
    const { type, compressed_page_size: bytes, ...header } = parquetHeader(reader);
    const rest = view.byteLength - reader.offset;
    const isSized = [bytes, header.uncompressed_page_size].every(
      (size) => Number.isInteger(size) && size >= 0,
    );
    if (type === undefined || !isSized || bytes > rest)
      throw new Error(`column ${name} has a damaged page header`);
    reader.offset += bytes;
    const data = header.data_page_header ?? header.data_page_header_v2;
    const count = (data ?? header.dictionary_page_header)?.num_values ?? 0;
    // A boolean takes the least space, one bit; what is encoded in runs takes less, but not in a dictionary.
    if (count < 0 || (data === undefined && count > header.uncompressed_page_size * 8))
      throw new Error(`column ${name} has a page with an impossible number of values`);
    if (data !== undefined) values += count;
  }
  if (BigInt(values) !== BigInt(chunk.num_values))
    throw new Error(
      `column ${name} has ${values} values in its pages, and ${chunk.num_values} in its description`,
    );
}
