import type { FileFormat } from './file-format.ts';

export type FileCompression = 'none' | 'gzip' | 'zstd';

/** How a file is compressed: as its loader says or, with `auto`, by the ending of its key. Parquet compresses within. */
export function compressionOf(format: FileFormat, key: string): FileCompression {
  if (format.kind === 'parquet') return 'none';
  if (format.compression !== 'auto') return format.compression;
  if (/\.(?:gz|gzip)$/i.test(key)) return 'gzip';
  return /\.(?:zst|zstd)$/i.test(key) ? 'zstd' : 'none';
}
