import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { typeSql } from '../../../../src/pipeline/columns/redshift-type.ts';
import { Refusal } from '../../../../src/pipeline/failure/refusal.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Path } from '../../../../src/pipeline/item/path.ts';
import type { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { changed, items, mappings, WITHOUT_FLAWS } from '../mapping/any-mapping.ts';
import { HOSTILE_KEY as key } from '../mapping/hostile-items.ts';
import { type Plain, plain, plainMap } from '../mapping/plain.ts';
import { itemsOf, type Row } from '../mapping/reassemble.ts';
import { acceptedBy } from './accepted-by.ts';
import { type PureRun, pureReplay, pureRun } from './pure-run.ts';

/**
 * Changes of the mapping between two runs, and between a run and its replay: the tables are exact, or the plan refuses
 * the change. What is exact is decided by code that shares nothing with the pipeline.
 */

const keyOf = (item: Item) => JSON.stringify(key.map(({ name }) => plain(item[name] as AttributeValue)));

/** The root table that an item belongs to. */
function rootOfItem(item: Item, { entities }: Mapping): Path {
  const pk = (item['p.k'] as { S: string }).S;
  for (const [name, { keyPrefix, attribute, equals }] of Object.entries(entities)) {
    const [[kind, content] = []] = Object.entries(item[attribute ?? ''] ?? {});
    const text = kind === 'N' ? plain({ N: content as string }) : String(content);
    const values = typeof equals === 'string' ? [equals] : (equals ?? []);
    const isScalar = kind === 'S' || kind === 'N' || kind === 'BOOL';
    if (keyPrefix === undefined ? isScalar && values.includes(text as string) : pk.startsWith(keyPrefix)) {
      return `[${name}]`;
    }
  }
  return '';
}

/** What the tables must say of an item. */
function expected(item: Item, mapping: Mapping): Plain {
  const root = rootOfItem(item, mapping);
  const kept = Object.entries(item).filter(([name]) => {
    const path = root === '' ? name : `${root}.${name}`;
    return !(Object.hasOwn(mapping.columns, path) && mapping.columns[path]?.ignore);
  });
  const all = plainMap(Object.fromEntries(kept)) as Map<string, Plain>;
  // A key stays text even if it reads as a time.
  all.set('p.k', (item['p.k'] as { S: string }).S);
  return all;
}

type Mapped = readonly [Item, Mapping];

function expectExact(run: PureRun, before: PureRun | undefined, all: readonly Mapped[]): void {
  const { manifest, loaded, plan } = run;
  const tables = manifest.tables.map(({ name }) => name);
  expect(new Set(tables).size).toBe(tables.length);
  expect(tables.filter((name) => name.startsWith('_tributary'))).toEqual([]);
  const rows = new Map<Path, Row[]>();
  for (const table of manifest.tables) {
    const names = table.columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const columns = new Map(table.columns.map((each) => [each.name, each]));
    const some = loaded.get(table.path) ?? [];
    expect(some.length).toBe(table.rows);
    rows.set(
      table.path,
      some.map((row): Row => {
        const cells = [...row].map(([name, text]) => ({ column: columns.get(name)!, text }));
        for (const { column: at, text } of cells)
          expect([text, acceptedBy(typeSql(at.type), text)]).toEqual([text, true]);
        const of = (role: string) =>
          table.columns.filter((each) => each.role === role).map((each) => row.get(each.name) as string);
        return {
          key: of('key'),
          positions: of('position'),
          cells: cells.flatMap(({ column: at, text }) =>
            at.role === 'value' ? [{ path: at.path, form: at.form ?? 'scalar', text }] : [],
          ),
        };
      }),
    );
  }
  const rejected = new Set(run.rejected.map(keyOf));
  const fitting = all.filter(([item]) => !rejected.has(keyOf(item)));
  expect(itemsOf(rows, key)).toEqual(
    new Map(fitting.map(([item, mapping]) => [keyOf(item), expected(item, mapping)])),
  );
  for (const [item, mapping] of fitting) {
    const root = rows.get(rootOfItem(item, mapping)) ?? [];
    expect(root.filter((row) => JSON.stringify(row.key) === keyOf(item))).toHaveLength(1);
  }
  expectNames(run, before, plan.definition.mapping);
}

/** Names are the mapping's. Otherwise they stay, unless the mapping gives them to something else. */
function expectNames(run: PureRun, before: PureRun | undefined, { columns, tables }: Mapping): void {
  for (const table of run.agreed.tables) {
    const wanted = Object.hasOwn(tables, table.path) ? tables[table.path]?.name : undefined;
    if (wanted !== undefined) expect(table.name).toBe(wanted);
    const old = before?.agreed.tables.find(({ path }) => path === table.path);
    if (
      wanted === undefined &&
      old !== undefined &&
      !Object.values(tables).some(({ name }) => name === old.name)
    ) {
      expect(table.name).toBe(old.name);
    }
    const given = Object.values(columns).flatMap(({ name }) => name ?? []);
    for (const each of table.columns) {
      const path = each.path.replace(/\.%super$/, '');
      const name = Object.hasOwn(columns, path) && each.form === 'scalar' ? columns[path]?.name : undefined;
      const names = table.columns
        .filter((other) => other.form === 'scalar' && other.path.replace(/\.%super$/, '') === path)
        .map((other) => other.name);
      if (name !== undefined) expect(names).toContain(name);
      const was = old?.columns.find((other) => other.path === each.path && other.form === each.form)?.name;
      if (name === undefined && was !== undefined && !given.includes(was)) expect(each.name).toBe(was);
    }
  }
}

/** Only a value that the sample missed can be too wide for a type of the mapping: the change did not cause that. */
function orTooNarrow(run: () => PureRun | string): PureRun | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'TypeTooNarrow') return error.code;
    throw error;
  }
}

const seeded = { numRuns: 200 };

type Runs = readonly [PureRun | string, PureRun | undefined, readonly Mapped[]][];

/** How many of these runs were not refused; their tables are exact. */
function exactRuns(runs: Runs): number {
  const sealed = runs.flatMap(([run, ...expectation]) =>
    typeof run === 'string' ? [] : [[run, ...expectation] as const],
  );
  for (const each of sealed) expectExact(...each);
  return sealed.length;
}

const sealedOf = (run: PureRun | string) => (typeof run === 'string' ? undefined : run);
const allBy = (some: readonly Item[], mapping: Mapping): Mapped[] => some.map((item) => [item, mapping]);

describe('a change of the mapping', () => {
  test('between two runs gives exact tables, or the plan refuses it', () => {
    let exact = 0;
    fc.assert(
      fc.property(items, items, changed, (first, second, [mapping, next]) => {
        const one = pureRun(undefined, first, mapping, key, first.length);
        const two = pureRun(sealedOf(one), second, next, key, second.length);
        const three = pureRun(sealedOf(two) ?? sealedOf(one), first, mapping, key, first.length);
        exact += exactRuns([
          [one, undefined, allBy(first, mapping)],
          [two, sealedOf(one), allBy(second, next)],
          [three, sealedOf(two) ?? sealedOf(one), allBy(first, mapping)],
        ]);
      }),
      seeded,
    );
    expect(exact).toBeGreaterThan(seeded.numRuns / 2);
  });

  test('even if the sample of the plan misses items, except for a type that these do not fit', () => {
    let exact = 0;
    fc.assert(
      fc.property(items, items, changed, fc.nat(3), (first, second, [mapping, next], sampled) => {
        const one = orTooNarrow(() => pureRun(undefined, first, mapping, key, sampled));
        const two = orTooNarrow(() => pureRun(sealedOf(one), second, next, key, sampled));
        exact += exactRuns([[two, sealedOf(one), allBy(second, next)]]);
      }),
      seeded,
    );
    expect(exact).toBeGreaterThan(seeded.numRuns / 4);
  });

  test('is never refused if there is none, whatever appears in the items', () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(items, items, mappings, (first, second, mapping) => {
        const one = orTooNarrow(() => pureRun(undefined, first, mapping, key, 1));
        if (typeof one === 'string') return;
        const two = orTooNarrow(() => pureRun(one, second, mapping, key, 1));
        outcomes.add(typeof two === 'string' ? two : 'exact');
      }),
      seeded,
    );
    outcomes.delete('TypeTooNarrow');
    expect([...outcomes]).toEqual(['exact']);
  });

  test('between a run and the replay of what it set aside gives exact tables, or the plan refuses it', () => {
    let exact = 0;
    fc.assert(
      fc.property(items, changed, fc.nat(1), (some, [mapping, other], sampled) => {
        const one = orTooNarrow(() => pureRun(undefined, some, mapping, key, sampled));
        if (typeof one === 'string' || one.rejected.length === 0) return;
        const next = { ...other, columns: { ...other.columns, ...WITHOUT_FLAWS } };
        const two = orTooNarrow(() => pureReplay(one, next, key));
        const again = new Set(one.rejected.map(keyOf));
        const all = some.map((item): Mapped => [item, again.has(keyOf(item)) ? next : mapping]);
        exact += exactRuns([[two, one, all]]);
      }),
      seeded,
    );
    expect(exact).toBeGreaterThan(seeded.numRuns / 20);
  });
});
