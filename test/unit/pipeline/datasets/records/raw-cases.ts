import { Buffer } from 'node:buffer';

/** Files, and their records: `line text`, or `line !why: text`. */
export const RAW_CASES: Readonly<Record<string, readonly [file: string | Buffer, ...expected: string[]]>> = {
  'an empty file': [''],
  'blanks only': ['\ufeff \r\n\t\n'],
  lines: ['{"a":1}\n{"a":2}\n', '1 {"a":1}', '2 {"a":2}'],
  'lines of CRLF after a mark': ['\ufeff{"a":1}\r\n{"a":2}', '1 {"a":1}', '2 {"a":2}'],
  'no delimiters': ['{"a":{"b":[]}}{"a":2}', '1 {"a":{"b":[]}}', '1 {"a":2}'],
  'several lines': [
    '{\n  "a": [\n{\n"b": 1 }\n]\n}\n{"a":2}',
    '1 {\n  "a": [\n{\n"b": 1 }\n]\n}',
    '7 {"a":2}',
  ],
  'a list': ['[\n{"a":1},\n{"a":2}\n]\n', '2 {"a":1}', '3 {"a":2}'],
  'lists without delimiters': ['[{"a":1},{"a":2}][{"a":3}]', '1 {"a":1}', '1 {"a":2}', '1 {"a":3}'],
  'brackets and quotes in text': ['{"a":"}{][\\"\\\\"}{"b":"{"}', '1 {"a":"}{][\\"\\\\"}', '1 {"b":"{"}'],
  'stray text': [
    'x\n{"a":1}y z{"a":2}\n"b"',
    '1 !not a JSON object: x',
    '2 {"a":1}',
    '2 !not a JSON object: y z',
    '2 {"a":2}',
    '3 !not a JSON object: "b"',
  ],
  'values of a list that are no objects': [
    '[1,{"a":1},null]',
    '1 !not a JSON object: 1',
    '1 {"a":1}',
    '1 !not a JSON object: null',
  ],
  'a line that was cut off': [
    '{"a":1,"b":{"c"\n{"a":2}\n',
    '1 !a record that does not end before the next one begins: {"a":1,"b":{"c"',
    '2 {"a":2}',
  ],
  'a line that was cut off in text': [
    '{"a":"b\n{"a":2}\n',
    '1 !text without its closing quote: {"a":"b',
    '2 {"a":2}',
  ],
  'brackets that do not match': ['{"a":[1}{"a":2}', '1 {"a":[1}', '1 {"a":2}'],
  'a file that was cut off': [
    '{"a":1}\n{"a":{"b":2}',
    '1 {"a":1}',
    '2 !the file ends inside this record: {"a":{"b":2}',
  ],
  'a list that was cut off': ['[{"a":1},', '1 {"a":1}', '1 !the file ends inside a list: '],
  'bytes that are not UTF-8': [
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}{"a":"ä"}')]),
    '1 !not UTF-8: {"a":"\ufffd"}',
    '1 {"a":"ä"}',
  ],
};
