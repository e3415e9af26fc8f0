import { expect, test } from '@jest/globals';
import { addRejects, type Reason, rejectLines } from '../../../../src/cli/datasets/list-rejects.ts';

test('a file that is set aside as a whole is a file, without line and text; records have both', () => {
  const reasons = new Map<string, Reason>();
  const rejects = [
    { file: 'a.json.gz', line: 0, reason: 'the gzip data is damaged', raw: '' },
    { file: 'b.json', line: 7, reason: 'not JSON', raw: '{"x"' },
    { file: 'b.json', line: 9, reason: 'not JSON', raw: '{"y"' },
  ];
  addRejects(reasons, { rejects }, (file, line) => `s3://raw/${file}${line === 0 ? '' : `:${line}`}`);
  expect(rejectLines('rides', reasons).slice(0, -2)).toEqual([
    '2 records because not JSON',
    '  s3://raw/b.json:7',
    '    {"x"',
    '  s3://raw/b.json:9',
    '    {"y"',
    '1 file because the gzip data is damaged',
    '  s3://raw/a.json.gz',
  ]);
});
