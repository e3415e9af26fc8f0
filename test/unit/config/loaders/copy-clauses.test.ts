import { describe, expect, test } from '@jest/globals';
import { copyClauses } from '../../../../src/config/loaders/copy-clauses.ts';
import { FileFormat } from '../../../../src/pipeline/loader/file-format.ts';

describe("COPY's options as a format", () => {
  test.each<[string, object]>([
    ['CSV', { kind: 'csv', header: false }],
    ['FORMAT AS CSV IGNOREHEADER 1', { kind: 'csv', header: true }],
    [
      "csv quote as '%' delimiter ';' ignoreheader as 1",
      { kind: 'csv', quote: '%', delimiter: ';', header: true },
    ],
    ["CSV NULL AS '\\N' GZIP", { kind: 'csv', header: false, nullText: '\\N', compression: 'gzip' }],
    [
      "DELIMITER '\\t' ESCAPE REMOVEQUOTES ZSTD",
      { kind: 'text', delimiter: '\t', escape: true, removeQuotes: true, compression: 'zstd' },
    ],
    ["DELIMITER AS '\\001'", { kind: 'text', delimiter: '\u0001' }],
    [
      'CSV EMPTYASNULL BLANKSASNULL TRIMBLANKS IGNOREBLANKLINES FILLRECORD',
      {
        kind: 'csv',
        header: false,
        emptyAsNull: true,
        blanksAsNull: true,
        trimBlanks: true,
        ignoreBlankLines: true,
        fillRecord: true,
      },
    ],
    ["JSON 'auto'", { kind: 'json' }],
    [
      "FORMAT JSON AS 'auto ignorecase' GZIP",
      { kind: 'json', paths: 'auto ignorecase', compression: 'gzip' },
    ],
    [
      "json 's3://landing/paths.json' timeformat 'epochmillisecs'",
      { kind: 'json', paths: 's3://landing/paths.json', timeFormat: 'epochmillisecs' },
    ],
    ['PARQUET SERIALIZETOJSON', { kind: 'parquet', serializeToJson: true }],
    [
      "CSV ACCEPTINVCHARS DATEFORMAT 'auto'",
      { kind: 'csv', header: false, acceptInvalidCharacters: '?', dateFormat: 'auto' },
    ],
    ["CSV ACCEPTINVCHARS AS '^'", { kind: 'csv', header: false, acceptInvalidCharacters: '^' }],
    ['CSV ENCODING UTF8 MANIFEST', { kind: 'csv', header: false }],
  ])('%s', (options, format) => {
    expect(copyClauses(options)).toEqual({ format, notes: [] });
    expect(FileFormat.safeParse(format).error).toBeUndefined();
  });

  test('none is Parquet, as in the sample loader', () => {
    expect(copyClauses('')).toEqual({
      format: { kind: 'parquet' },
      notes: ["options name no format: the sample loader's COPY says FORMAT AS PARQUET"],
    });
  });

  test('the region of the files is kept', () => {
    expect(copyClauses("PARQUET REGION AS 'eu-west-2'")).toEqual({
      format: { kind: 'parquet' },
      region: 'eu-west-2',
      notes: [],
    });
  });
});

describe('what a loader does not do is noted', () => {
  test.each<[string, RegExp]>([
    ['CSV TRUNCATECOLUMNS', /^TRUNCATECOLUMNS: left out, because a loader cuts no value/],
    ['CSV MAXERROR AS 10', /^MAXERROR 10: left out, because a loader skips no row/],
    ['CSV ACCEPTANYDATE', /^ACCEPTANYDATE: left out/],
    ['CSV COMPUPDATE OFF', /^COMPUPDATE OFF: left out/],
    ['STATUPDATE CSV', /^STATUPDATE: left out/],
    ['CSV ENCODING UTF16', /^ENCODING UTF16: loaders read UTF-8/],
    ['CSV ESCAPE', /^ESCAPE: left out, because COPY does not take it for csv/],
    ["JSON 'auto' IGNOREHEADER 1", /^IGNOREHEADER: left out, because COPY does not take it for json/],
    ['CSV NONSENSE', /^NONSENSE: not an option that a loader knows/],
  ])('%s', (options, note) => {
    const { format, notes } = copyClauses(options);
    expect(notes).toEqual([expect.stringMatching(note)]);
    expect(FileFormat.safeParse(format).error).toBeUndefined();
  });

  test.each([
    'AVRO',
    'ORC',
    "FIXEDWIDTH 'a:3'",
    'CSV LZOP',
    'CSV BZIP2',
    'CSV IGNOREHEADER 3',
    "JSON 'noshred'",
  ])('%s leaves a setting open that the configuration refuses', (options) => {
    const { format, notes } = copyClauses(options);
    expect(notes).toHaveLength(1);
    expect(FileFormat.safeParse(format).success).toBe(false);
  });

  test('no secret is repeated', () => {
    const { notes } = copyClauses(
      "CSV ACCESS_KEY_ID 'abc' SECRET_ACCESS_KEY AS 'def' CREDENTIALS 'ghi' UNKNOWN 'jkl'",
    );
    expect(notes).toHaveLength(4);
    expect(notes.join()).not.toMatch(/abc|def|ghi|jkl/);
  });
});
