import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import type { Layout } from '../../../src/pipeline/columns/layout.ts';
import { MAX_GROWTHS, withColumns } from '../../../src/pipeline/columns/layout-growth.ts';
import { ROOT } from '../../../src/pipeline/item/path.ts';
import { SharedLayouts } from '../../../src/store/grown-layouts.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { testStack } from '../setup/stack.ts';

const { endpoint, bucket } = testStack().s3;
useStackCredentials();

const { signal } = new AbortController();
const store = createS3ObjectStore({ client: s3Client({ endpoint }), bucket });
const column = (path: string) => ({ path, form: 'scalar' }) as const;
const PLANNED: readonly Layout[] = [{ table: ROOT, columns: [column('planned')] }];

describe('the layouts of a run that grow while it is read', () => {
  const aRun = () => {
    const ref = { bucket, prefix: 'grown-layouts', pipeline: 'p', run: randomUUID() };
    let reads = 0;
    const counted: ObjectStore = {
      ...store,
      get: (...given) => {
        reads++;
        return store.get(...given);
      },
    };
    const ofASegment = () => new SharedLayouts(counted, ref, PLANNED);
    /** As a segment that needs one more column. */
    const need = (path: string, layoutsOfRun = ofASegment()) =>
      layoutsOfRun.grow((layouts) => {
        const { columns } = layouts[0]!;
        return columns.some((each) => each.path === path)
          ? layouts
          : [{ table: ROOT, columns: withColumns(columns, [column(path)]) }];
      }, signal);
    return { need, ofASegment, reads: () => reads };
  };
  const pathsOf = (layouts: readonly Layout[]) => layouts[0]!.columns.map(({ path }) => path);

  test('are the planned ones for a segment that needs nothing else', async () => {
    expect(await aRun().need('planned')).toBe(PLANNED);
  });

  test('have what one segment added for all that grow later', async () => {
    const { need } = aRun();
    expect(pathsOf(await need('a'))).toEqual(['a', 'planned']);
    expect(pathsOf(await need('b'))).toEqual(['a', 'b', 'planned']);
    expect(pathsOf(await need('a'))).toEqual(['a', 'b', 'planned']);
  });

  test('are few, however many segments need a column of their own at the same time', async () => {
    const { need } = aRun();
    const names = Array.from({ length: 3 * MAX_GROWTHS }, (_, i) => `column ${i}`);
    const grown = await Promise.all(names.map((name) => need(name)));
    expect(new Set(grown.map((layouts) => JSON.stringify(layouts))).size).toBeLessThanOrEqual(MAX_GROWTHS);
    // As long as there are steps left, a segment gets what it needs; then it takes the newest.
    const served = grown.filter((layouts, i) => pathsOf(layouts).includes(names[i]!));
    expect(served).toHaveLength(MAX_GROWTHS);
    const last = await need('one more');
    expect(pathsOf(last)).toHaveLength(1 + MAX_GROWTHS);
    for (const layouts of grown) expect(pathsOf(last)).toEqual(expect.arrayContaining(pathsOf(layouts)));
  });

  test('are read by a segment once per step, and not at all after the last one', async () => {
    const { need, ofASegment, reads } = aRun();
    const layouts = ofASegment();
    for (let step = 1; step <= MAX_GROWTHS; step++) await need(`column ${step}`, layouts);
    const before = reads();
    expect(pathsOf(await need('one more', layouts))).toHaveLength(1 + MAX_GROWTHS);
    expect(reads()).toBe(before);
    // Each step was looked for twice: before it was claimed, and for the one after it.
    expect(before).toBeLessThanOrEqual(2 * MAX_GROWTHS);
  });
});
