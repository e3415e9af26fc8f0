import { expect, test } from '@jest/globals';
import { explanation } from '../../../../../src/cli/datasets/graph/publish-group.ts';

const found = {
  ...{ dataset: 'rides', partition: '2026-11-01', generation: 2, id: 'a1', rows: 7 },
  inputs: [],
};
const names = (count: number) => Array.from({ length: count }, (_, i) => `s3://raw/rides/${i + 1}.json`);

test('the explanation of a source lists its files, the first twenty of many', () => {
  expect(explanation({ ...found, files: 2 }, names(2))).toBe(
    'rides 2026-11-01: generation 2-a1, 7 rows\n  of 2 files:\n    s3://raw/rides/1.json\n    s3://raw/rides/2.json\n',
  );
  const many = explanation({ ...found, files: 23 }, names(23)).split('\n');
  expect(many).toHaveLength(24);
  expect(many.slice(-3)).toEqual(['    s3://raw/rides/20.json', '    and 3 more: --json', '']);
  expect(explanation({ ...found, files: 1 })).toMatch(/of 1 file\n$/);
});
