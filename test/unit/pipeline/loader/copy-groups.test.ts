import { describe, expect, test } from '@jest/globals';
import { columnNameOf, copyGroups } from '../../../../src/pipeline/loader/copy-groups.ts';
import { FileFormat } from '../../../../src/pipeline/loader/file-format.ts';

const csv = FileFormat.parse({ kind: 'csv' });
const json = FileFormat.parse({ kind: 'json' });

const file = (key: string, loader = 'quakes') => ({
  ...{ bucket: 'landing', key, etag: 'e', bytes: 1, at: '2026-11-01T00:00:00Z', loader },
});
const text = (name: string) => ({ name, type: 'varchar(65535)' });

describe('files that one COPY loads', () => {
  test('have the same columns in the same order, and are compressed alike', () => {
    const columns = ['Id', 'mag'].map(text);
    const groups = copyGroups([
      { file: file('a.csv'), format: csv, columns },
      { file: file('b.csv.gz'), format: csv, columns },
      { file: file('c.csv'), format: csv, columns },
      { file: file('d.csv'), format: csv, columns: columns.toReversed() },
      { file: file('e.csv', 'other'), format: csv, columns },
    ]);
    expect(groups.map(({ files }) => files.map(({ key }) => key))).toEqual([
      ['e.csv'],
      ['b.csv.gz'],
      ['a.csv', 'c.csv'],
      ['d.csv'],
    ]);
    expect(groups.find(({ files }) => files[0]?.key === 'a.csv')).toMatchObject({
      compression: 'none',
      columns: [
        { name: 'Id', column: 'id' },
        { name: 'mag', column: 'mag' },
      ],
    });
  });

  test('JSON files of a loader are one group with all their keys', () => {
    const groups = copyGroups([
      { file: file('a.json'), format: json, columns: [text('b')] },
      { file: file('b.json'), format: json, columns: [text('a'), { name: 'b', type: 'super' }] },
    ]);
    expect(groups.map(({ columns }) => columns)).toEqual([
      [
        { name: 'a', type: 'varchar(65535)', column: 'a' },
        { name: 'b', type: 'super', column: 'b' },
      ],
    ]);
  });
});

describe('the column that a name in a file fills', () => {
  test('is in lower case, as Redshift folds A to Z alone', () => {
    expect(columnNameOf(csv, 'ÄPfel')).toBe('Äpfel');
  });

  test('is exactly the key of JSON, unless case is to be ignored', () => {
    expect(columnNameOf(json, 'Id')).toBe('Id');
    expect(columnNameOf(FileFormat.parse({ kind: 'json', paths: 'auto ignorecase' }), 'Id')).toBe('id');
  });
});
