import { expect, test } from '@jest/globals';
import { parseResultResponse, rowsOf } from '../../../../src/clients/redshift/redshift-result.ts';

const result = (text: string) => {
  const page = parseResultResponse(Buffer.from(text, 'utf8'));
  return { rows: rowsOf(page), nextToken: page.nextToken, columns: page.columns, cells: page.cells };
};

test('a row is its columns’ labels and values', () => {
  const page = result(
    `{"ColumnMetadata":[{"name":"id","label":"id"},{"name":"n","label":"count"},{"name":"ok"},{"name":"x"},{"name":"none"}],
      "Records":[[{"stringValue":"é"},{"longValue":12},{"booleanValue":false},{"doubleValue":0.5},{"isNull":true}]],
      "TotalNumRows":1}`,
  );
  expect(page).toMatchObject({
    rows: [{ id: 'é', count: 12, ok: false, x: 0.5, none: null }],
    nextToken: undefined,
  });
});

test('an integer that a number cannot hold is text, with every digit', () => {
  const { rows } = result(
    `{"ColumnMetadata":[{"name":"a"},{"name":"b"},{"name":"c"}],
      "Records":[[{"longValue":9223372036854775807},{"longValue":-9007199254740993},{"longValue":9007199254740991}]]}`,
  );
  expect(rows).toEqual([{ a: '9223372036854775807', b: '-9007199254740993', c: 9007199254740991 }]);
});

test('empty text, zero and false are not NULL', () => {
  const { rows } = result(
    `{"ColumnMetadata":[{"name":"a"},{"name":"b"},{"name":"c"}],
      "Records":[[{"stringValue":""},{"longValue":0},{"booleanValue":false}]]}`,
  );
  expect(rows).toEqual([{ a: '', b: 0, c: false }]);
});

test('binary is hexadecimal', () => {
  expect(result('{"ColumnMetadata":[{"name":"a"}],"Records":[[{"blobValue":"AAH/"}]]}').rows).toEqual([
    { a: '0001ff' },
  ]);
});

test('a column may be called __proto__', () => {
  const [row] = result('{"ColumnMetadata":[{"name":"__proto__"}],"Records":[[{"longValue":1}]]}').rows;
  expect(JSON.stringify(row)).toBe('{"__proto__":1}');
});

test('a page has the token of the next', () => {
  expect(result('{"ColumnMetadata":[],"Records":[],"NextToken":"more"}').nextToken).toBe('more');
});

test('a truncated response is requested again', () => {
  expect(() => result('{"Records":[[{"longVal')).toThrow(
    expect.objectContaining({ code: 'DamagedAnswer', $retryable: { throttling: false } }),
  );
});

test('a table keeps columns that have the same name, in order, with their types', () => {
  const { columns, cells } = result(
    `{"ColumnMetadata":[{"name":"pk","typeName":"varchar"},{"name":"pk","typeName":"int8"}],
      "Records":[[{"stringValue":"a"},{"longValue":1}]]}`,
  );
  expect(columns).toEqual([
    { name: 'pk', type: 'varchar' },
    { name: 'pk', type: 'int8' },
  ]);
  expect(cells).toEqual([['a', 1]]);
});
