import { expect, test } from '@jest/globals';
import { SHAPES } from '../../../bench/speed/shapes.ts';
import { read, section, tableRows } from './pages.ts';

test('docs/performance.md describes the shapes of the benchmark', () => {
  const rows = tableRows(section(read('docs/performance.md'), 'What is measured'));
  expect(rows).toEqual(SHAPES.map(({ name, is }) => [`\`${name}\``, is]));
});
