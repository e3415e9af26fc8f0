import { describe, expect, test } from '@jest/globals';
import { FileFormat } from '../../../../src/pipeline/loader/file-format.ts';
import { isNullField } from '../../../../src/pipeline/loader/null-field.ts';

const csv = { kind: 'csv' };
const json = { kind: 'json' };
const parquet = { kind: 'parquet' };

describe('which fields COPY reads as NULL', () => {
  test.each<[what: string, format: object, field: string | undefined, inText: boolean, elsewhere: boolean]>([
    ['an absent field', csv, undefined, true, true],
    ['an absent field of Parquet', parquet, undefined, true, true],
    ['any field of Parquet', parquet, '', false, false],
    ['a value', csv, 'a', false, false],
    ['\\N', csv, '\\N', true, true],
    ['\\N in JSON', json, '\\N', false, false],
    ['\\N, if another text means NULL', { ...csv, nullText: 'NULL' }, '\\N', false, false],
    ['the text that means NULL', { ...csv, nullText: 'NULL' }, 'NULL', true, true],
    ['that text with a blank', { ...csv, nullText: 'NULL' }, 'NULL ', false, false],
    ['an empty field', csv, '', false, true],
    ['an empty field in JSON', json, '', false, true],
    ['an empty field with emptyAsNull', { ...csv, emptyAsNull: true }, '', true, true],
    ['an empty field in JSON with emptyAsNull', { ...json, emptyAsNull: true }, '', true, true],
    ['an empty field with blanksAsNull', { ...csv, blanksAsNull: true }, '', false, true],
    ['blanks', csv, '  ', false, true],
    ['blanks in JSON', json, '  ', false, true],
    ['blanks with emptyAsNull', { ...csv, emptyAsNull: true }, '  ', false, true],
    ['blanks with blanksAsNull', { kind: 'text', blanksAsNull: true }, '  ', true, true],
  ])('%s', (_what, format, field, inText, elsewhere) => {
    const parsed = FileFormat.parse(format);
    expect([isNullField(parsed, field, true), isNullField(parsed, field, false)]).toEqual([
      inText,
      elsewhere,
    ]);
  });
});
