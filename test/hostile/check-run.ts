import { isDeepStrictEqual } from 'node:util';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import type { Layout } from '../../src/pipeline/columns/layout.ts';
import type { PartFile } from '../../src/pipeline/load/part-file.ts';
import type { RunRef } from '../../src/pipeline/run/run-ref.ts';
import { readRejects } from '../../src/store/item-files.ts';
import { decompress } from '../../src/store/part-buffer.ts';
import { readManifest, readPlan, segmentCheckpoints } from '../../src/store/run-files.ts';
import type { Written } from '../unit/pipeline/load/part-files.ts';
import { plainMap } from '../unit/pipeline/mapping/plain.ts';
import { reassemble } from '../unit/pipeline/mapping/reassemble.ts';
import { HOSTILE_KEY, hostileItem, numberOf } from './hostile-table.ts';

export interface Checked {
  readonly exact: number;
  readonly setAside: number;
  /** What is wrong, at most a few examples of it. */
  readonly problems: readonly string[];
}

const MAX_PROBLEMS = 20;

/** A share of a run's cuts: those whose number in order, modulo `of`, is `share`. */
export interface Share {
  readonly share: number;
  readonly of: number;
}

/**
 * Checks a sealed run of a hostile table: every item is in the part files exactly, or in the rejects if it should be,
 * and none is in both or there twice. Items are reassembled from the text of the part files alone, one cut at a time.
 *
 * Several threads can each check a share of the cuts.
 * @param found one byte per item, 1 once it was found; shared by the threads
 */
export async function checkRun(
  store: ObjectStore,
  ref: RunRef,
  found: Uint8Array<SharedArrayBuffer>,
  { share, of }: Share = { share: 0, of: 1 },
): Promise<Checked> {
  const items = found.length;
  let cuts = 0;
  const isOurs = () => cuts++ % of === share;
  const problems: string[] = [];
  const problem = (text: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push(text);
  };
  const find = (i: number, what: string) => {
    if (!(i >= 0 && i < items)) problem(`${what}: there is no item ${i}`);
    else if (Atomics.exchange(found, i, 1) !== 0)
      problem(`${what}: item ${i} (${hostileItem(i).shape}) is there twice`);
  };
  let exact = 0;
  let setAside = 0;

  const checkFiles = async (files: readonly PartFile[], layoutOf: (id: string) => Layout) => {
    const written: Written['files'][number][] = [];
    for (const { key, layout, rows } of files) {
      const object = await store.get(key);
      if (object === undefined) throw new Error(`s3://${store.bucket}/${key} is missing`);
      written.push({ layout: layoutOf(layout), text: await decompress(key, object.body), rows });
    }
    for (const [key, actual] of reassemble(written, HOSTILE_KEY)) {
      const i = numberOf((JSON.parse(key) as [string])[0]);
      find(i, 'part files');
      const { item, shape, setAside: should } = hostileItem(i);
      if (should !== undefined) problem(`item ${i} (${shape}) should have been set aside`);
      else if (!isDeepStrictEqual(actual, plainMap(item))) problem(`item ${i} (${shape}) is not exact`);
      else exact++;
    }
  };
  const checkRejects = async (key: string) => {
    for await (const some of readRejects(store, key)) {
      for (const { reason, item } of some) {
        const i = numberOf((item.pk as { S: string }).S);
        find(i, 'rejects');
        const expected = hostileItem(i);
        if (expected.setAside?.test(reason) !== true)
          problem(`item ${i} (${expected.shape}) was set aside: ${reason}`);
        else if (JSON.stringify(item) !== JSON.stringify(expected.item))
          problem(`item ${i} (${expected.shape}) is not exact in the rejects`);
        else setAside++;
      }
    }
  };

  const { segments } = await readPlan(store, ref);
  const checkpointed = new Set<string>();
  for (let segment = 0; segment < segments; segment++) {
    for await (const { files, rejects, layouts: used } of segmentCheckpoints(store, ref, segment)) {
      for (const { key } of files) checkpointed.add(key);
      if (!isOurs()) continue;
      await checkFiles(files, (id) => used[id] as Layout);
      if (rejects !== undefined) await checkRejects(rejects.key);
    }
  }
  const manifest = await readManifest(store, ref);
  const sealed = manifest.tables.flatMap((table) =>
    table.files.filter(({ key }) => !checkpointed.has(key)).map((file) => ({ file, table })),
  );
  const cutOf = (key: string) => /seal-\d+/.exec(key)?.[0] ?? '';
  for (const cut of Map.groupBy(sealed, ({ file }) => cutOf(file.key)).values()) {
    if (!isOurs()) continue;
    const own = new Map(cut.map(({ file, table }) => [file.layout, layoutFrom(table, file.layout)]));
    await checkFiles(
      cut.map(({ file }) => file),
      (id) => own.get(id) as Layout,
    );
  }
  for (const { key } of manifest.oddRejects ?? []) if (isOurs()) await checkRejects(key);
  return { exact, setAside, problems };
}

/** What all shares of a run found together. */
export function together(shares: readonly Checked[], found: Uint8Array): Checked {
  const sum = (of: (one: Checked) => number) => shares.reduce((total, one) => total + of(one), 0);
  const missing = found.indexOf(0);
  return {
    exact: sum(({ exact }) => exact),
    setAside: sum(({ setAside }) => setAside),
    problems: [
      ...shares.flatMap(({ problems }) => problems),
      ...(missing < 0
        ? []
        : [`item ${missing} (${hostileItem(missing).shape}) and perhaps others are missing`]),
    ],
  };
}

type Table = Awaited<ReturnType<typeof readManifest>>['tables'][number];

/** The manifest names the columns of a layout; their paths are in the table's columns. */
function layoutFrom({ path, columns, layouts }: Table, id: string): Layout {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return {
    table: path,
    columns: (layouts[id] ?? []).flatMap((name) => {
      const column = byName.get(name);
      return column?.role === 'value' && column.form !== undefined
        ? [{ path: column.path, form: column.form }]
        : [];
    }),
  };
}
