import { expect, test } from '@jest/globals';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { type PureRun, pureRun } from './pure-run.ts';

/** Tables that have nearly as many columns as Redshift allows, and runs that would add more. */

const key: Key = [{ name: 'pk', kind: 'S' }];
const mapping = (settings: object = {}) => Mapping.parse(settings);

/** Items whose map has `count` different names each in 10 items, of which `size` are in one item. */
function items(count: number, map = 'm'): Item[] {
  const size = 100;
  return Array.from({ length: (count / size) * 10 }, (_, i): Item => {
    const from = (i % (count / size)) * size;
    const names = Array.from({ length: size }, (__, n) => [`n${from + n}`, { N: String(n) }]);
    return { pk: { S: `${map}${i}` }, [map]: { M: Object.fromEntries(names) } };
  });
}

function sealed(run: PureRun | string): PureRun {
  if (typeof run === 'string') throw new Error(run);
  return run;
}

const root = (run: PureRun) => run.manifest.tables.find(({ path }) => path === '')!;

test('a table of many agreed columns gets no more than fit, and the other values go to its rest', () => {
  const first = sealed(pureRun(undefined, items(1000), mapping(), key, 100));
  expect(root(first).columns.length).toBe(1001);
  // The names of `m` keep their columns, though this mapping makes rows of them.
  const rows = mapping({ columns: { m: { asRows: true } } });
  const second = sealed(pureRun(first, items(1000, 'other'), rows, key, 5));
  expect(root(second).columns.length).toBeLessThanOrEqual(1600);
  const rest = root(second).columns.find(({ path }) => path.endsWith('%rest'));
  expect(rest?.values).toBeGreaterThan(0);
});

test('asRows applies to a map whose names have taken all the columns of its table', () => {
  const first = sealed(pureRun(undefined, items(1500), mapping(), key, 1500));
  expect(root(first).columns.length).toBe(1501);
  const rows = mapping({ columns: { m: { asRows: true } } });
  const second = sealed(pureRun(first, items(1500), rows, key, 1500));
  const table = second.manifest.tables.find(({ path }) => path === 'm[key]');
  expect(table?.rows).toBe(150 * 100);
  expect(root(second).columns.find(({ path, form }) => path === 'm' && form === 'count')?.values).toBe(150);
});

test('asSuper applies to it as well', () => {
  const first = sealed(pureRun(undefined, items(1500), mapping(), key, 1500));
  const whole = mapping({ columns: { m: { asSuper: true } } });
  const second = sealed(pureRun(first, items(1500), whole, key, 1500));
  expect(root(second).columns.find(({ path }) => path.startsWith('m.%') || path === 'm')?.values).toBe(150);
  expect(root(second).columns.some(({ path }) => path.endsWith('%rest'))).toBe(false);
});
