import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import type { FileCompression } from '../../../../src/pipeline/loader/compression.ts';
import { compressionOf } from '../../../../src/pipeline/loader/compression.ts';
import { copyOptions } from '../../../../src/pipeline/loader/copy-options.ts';
import { FileFormat } from '../../../../src/pipeline/loader/file-format.ts';

const options = (format: z.input<typeof FileFormat>, compression: FileCompression = 'none') =>
  copyOptions(FileFormat.parse(format), compression).join(' ');

const TIMES = "DATEFORMAT AS 'auto' TIMEFORMAT AS 'auto'";

test.each<[string, z.input<typeof FileFormat>, FileCompression, string]>([
  ['CSV', { kind: 'csv' }, 'gzip', `FORMAT AS CSV IGNOREHEADER 1 ${TIMES} GZIP`],
  [
    'CSV in another form',
    { kind: 'csv', header: false, delimiter: ';', quote: '`', nullText: '\\N', emptyAsNull: true },
    'none',
    `FORMAT AS CSV QUOTE AS '\`' DELIMITER AS ';' NULL AS '\\N' EMPTYASNULL ${TIMES}`,
  ],
  [
    'text',
    { kind: 'text', escape: true, acceptInvalidCharacters: '?' },
    'zstd',
    `DELIMITER AS '|' ESCAPE ${TIMES} ACCEPTINVCHARS AS '?' ZSTD`,
  ],
  [
    'JSON',
    { kind: 'json', timeFormat: 'epochmillisecs' },
    'none',
    "FORMAT AS JSON 'auto' DATEFORMAT AS 'auto' TIMEFORMAT AS 'epochmillisecs'",
  ],
  ['Parquet', { kind: 'parquet' }, 'none', 'FORMAT AS PARQUET SERIALIZETOJSON'],
])('COPY of %s', (_, format, compression, expected) => {
  expect(options(format, compression)).toBe(expected);
});

test.each<[string, FileCompression]>([
  ['a/b.csv', 'none'],
  ['a/b.csv.gz', 'gzip'],
  ['a/B.CSV.GZ', 'gzip'],
  ['a/b.zst', 'zstd'],
  ['a.gz/b.csv', 'none'],
])('%s is compressed: %s', (key, expected) => {
  expect(compressionOf(FileFormat.parse({ kind: 'csv' }), key)).toBe(expected);
  expect(compressionOf(FileFormat.parse({ kind: 'parquet' }), key)).toBe('none');
});
