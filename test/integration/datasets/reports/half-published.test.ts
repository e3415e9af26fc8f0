import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import { buildDerived } from '../../../../src/activities/datasets/derived/build-derived.ts';
import { currentPointer, publishBuilt } from '../../../../src/activities/datasets/derived/publish-built.ts';
import { publishGroup } from '../../../../src/activities/datasets/derived/publish-group.ts';
import type { ETag, ObjectStore } from '../../../../src/clients/object-store.ts';
import { valuesOf } from '../../../../src/pipeline/datasets/graph/calendar.ts';
import { Pointers } from '../../../../src/store/datasets/changed-pointers.ts';
import { latestPublication } from '../../../../src/store/datasets/publications.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { WriteGates } from '../write-gates.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const days = valuesOf('day', { first: '2024-02-28', last: '2024-03-01' });
const ledger = new SeededLedger(5);
const gates = new WriteGates();
const { signal } = new AbortController();
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  for (const day of days) ledger.add(day, { accounts: 3, most: 9 });
  graph = new KnownGraph(harness, { from: days[0] as string, until: days.at(-1) as string });
  const store = (bucket: string) => gates.over(graph.dependencies.store(bucket));
  stop = await harness.startWorkers({ ...graph.dependencies, store });
  for (const day of days) await graph.put(`${day}.gz`, ledger.of(day));
  await graph.run();
});
afterAll(() => stop());

/** A store whose user dies once it has written so often. */
function mortal(store: ObjectStore, writes: { left: number }): ObjectStore {
  const dying = async <Answer extends ETag | 'exists' | 'changed'>(write: () => Promise<Answer>) => {
    if (writes.left <= 0) throw new Error('dead');
    const answer = await write();
    if (--writes.left <= 0) throw new Error('dead');
    return answer;
  };
  return {
    ...store,
    put: (...given) => dying(() => store.put(...given)),
    putNew: (...given) => dying(() => store.putNew(...given)),
    putIfMatch: (...given) => dying(() => store.putIfMatch(...given)),
  };
}

test('after a death after any write of a build, readers see the old partition or the new one; the next build completes it', async () => {
  const input = { dataset: 'statements', partition: 'month=2024-03', now: '2024-03-02T06:00:00Z' };
  const build = (deps = graph.dependencies) =>
    buildDerived({ deps, pointers: new Pointers(), newId: () => uniqueName('b').slice(-8), signal }, input);
  const seen = async () => ({
    rows: (await graph.rows('statements')).filter((row) => row.startsWith('2024-03')),
    texts: (await graph.statements()).texts['2024-03'],
  });
  let before = await seen();
  let deaths = 0;
  for (let isDead = true; isDead; ) {
    const writes = { left: deaths + 1 };
    graph.step('statements.sql', (sql) =>
      sql.replace('sum(transactions)', `sum(transactions) + ${writes.left}`),
    );
    const store = (bucket: string) => mortal(graph.dependencies.store(bucket), writes);
    isDead = await build({ ...graph.dependencies, store }).then(
      () => false,
      (error: Error) => error.message.includes('dead'),
    );
    const found = await seen();
    const { isUnchanged } = await build();
    const after = await seen();
    expect(after.rows).not.toEqual(before.rows);
    expect([before, after]).toContainEqual(found);
    // Only the last write is seen.
    expect(found).toEqual(isUnchanged ? after : before);
    before = after;
    if (isDead) deaths++;
  }
  const accounts = Object.keys(before.texts ?? {}).length;
  // A record, a Parquet file, a file per account and their index, the document and the pointer.
  expect(deaths).toBe(2 + accounts + 1 + 1 + 1);
  graph.step('statements.sql');
});

test('a group is published by one write: before it, readers see all of the earlier one; after it, all of the new one', async () => {
  const files = graph.files('statements');
  const published = async () => {
    const publication = await latestPublication(files, 'accounting', signal);
    const members = publication?.members.map(
      ({ dataset, partition, generation }) => `${dataset} ${partition} ${generation}`,
    );
    return { number: publication?.number, members };
  };
  const before = await published();
  ledger.correct('2024-03-01', 0, 777n);
  await graph.put('2024-03-01.gz', ledger.of('2024-03-01'));
  const held = gates.hold('before', /\/publications\/accounting\//);
  const run = await graph.start();
  const key = await held.isMet;
  // Its pointers have moved, and so has each partition for those who read these.
  expect((await graph.plan()).partitions).toEqual([]);
  expect(await published()).toEqual(before);
  const { texts } = await graph.statements();

  // Another one is faster, with the same members: the held write finds it.
  expect(await graph.publish()).toMatchObject({ isNew: true, number: (before.number ?? 0) + 1 });
  const after = await published();
  expect(key).toContain(`/${String(after.number).padStart(6, '0')}.json`);
  held.release();
  expect(await run.result()).toMatchObject({
    publications: [{ isNew: false, number: after.number, incomplete: [] }],
  });
  expect(await published()).toEqual(after);
  expect(after.members).not.toEqual(before.members);
  expect((await graph.statements()).texts).toEqual(texts);
});

test('lost responses change nothing: of pointers, generations and publications', async () => {
  ledger.correct('2024-03-01', 0, 888n);
  await graph.put('2024-03-01.gz', ledger.of('2024-03-01'));
  const before = await graph.revisions();
  for (const dataset of ['daily_stats', 'monthly_stats', 'statements'])
    for (const name of ['built-', 'gen-.*\\.json', 'current\\.json'])
      gates.loseResponse(new RegExp(`/${dataset}/.*/${name}`));
  gates.loseResponse(/\/publications\/accounting\//);
  const { number = 0 } = (await latestPublication(graph.files('statements'), 'accounting', signal)) ?? {};
  expect(await graph.run()).toMatchObject({
    ...{ built: 3, unchanged: 0, unfinished: [] },
    publications: [{ isNew: true, number: number + 1 }],
  });
  const after = await graph.revisions();
  const raised = (text = '') =>
    text
      .split(' ')
      .map((part) => Number(part) + 1)
      .join(' ');
  for (const id of ['daily_stats 2024-03-01', 'monthly_stats 2024-03', 'statements 2024-03'])
    expect(after[id]).toBe(raised(before[id]));
});

test('a group never names a partition that was published after the group was found complete', async () => {
  const files = graph.files('statements');
  const before = await latestPublication(files, 'accounting', signal);
  const place = { ...{ deps: graph.dependencies, files, signal, ms: 0 }, partition: 'month=2024-03' };
  let reads = 0;
  const pointers = new Pointers();
  const of: Pointers['of'] = pointers.of.bind(pointers);
  pointers.of = async (...given) => {
    // First for the plan, then for what is published.
    if (given[0].at.prefix === files.at.prefix && ++reads === 2)
      await publishBuilt({ ...place, newId: () => uniqueName('b').slice(-8) }, await currentPointer(place), {
        record: { code: 'c', inputs: [], warnings: [] },
        content: { columnsId: 'c', rows: 0, sums: ['7', '7'] },
        ...{ columns: [], path: undefined },
      });
    return of(...given);
  };
  const { deps, now } = { deps: graph.dependencies, now: '2024-03-02T06:00:00Z' };
  const call = { deps, pointers, newId: () => uniqueName('p').slice(-8), signal };
  expect(await publishGroup(call, { publication: 'accounting', now })).toMatchObject({
    ...{ isNew: false, number: before?.number },
    incomplete: [{ dataset: 'statements', partition: '2024-03' }],
  });
  expect(reads).toBeGreaterThan(2);
  expect(await latestPublication(files, 'accounting', signal)).toEqual(before);
});

test('a step that gives other rows of the same inputs is reported, and not one whose inputs or references differ', async () => {
  const files = graph.files('monthly_stats');
  const place = { ...{ deps: graph.dependencies, files, signal, ms: 0 }, partition: 'month=1999-01' };
  const read = (version: string, isReference: boolean) => ({
    ...{
      dataset: isReference ? 'accounts' : 'daily_stats',
      partition: '1999-01-01',
      generation: 1,
      id: 'a',
      version,
    },
    isReference,
  });
  const publish = async (rows: string, input: string, reference: string) => {
    const { warnings = [] } =
      (await publishBuilt({ ...place, newId: () => uniqueName('b').slice(-8) }, await currentPointer(place), {
        record: { code: 'c', inputs: [read(input, false), read(reference, true)], warnings: [] },
        content: { columnsId: 'c', rows: 0, sums: [rows, '0'] },
        ...{ columns: [], path: undefined },
      })) ?? {};
    return warnings;
  };
  expect(await publish('1', 'v1', 'r1')).toEqual([]);
  expect(await publish('1', 'v1', 'r1')).toEqual([]);
  expect(await publish('2', 'v1', 'r1')).toEqual([expect.stringContaining('the same step gave other rows')]);
  expect(await publish('3', 'v2', 'r1')).toEqual([]);
  expect(await publish('4', 'v2', 'r2')).toEqual([]);
});
