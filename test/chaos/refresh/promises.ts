import { Manifest } from '../../../src/pipeline/run/manifest.ts';
import { manifestKey, type RunLocation } from '../../../src/pipeline/run/run-directory.ts';
import { LEDGER_TABLE, MARKER_TABLE } from '../../../src/pipeline/sql/system-tables.ts';
import { comparable, expectedTables } from '../../integration/pipeline/expected-tables.ts';
import { textRow } from '../../run-sql.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import { difference } from '../difference.ts';
import {
  type Change,
  itemOf,
  KEY,
  numberOf,
  statesBetween,
  type TableShape,
  type Version,
} from './changing-table.ts';

/** The expectations for a finished run. */
export interface Finished {
  readonly shape: TableShape;
  readonly table: string;
  readonly schema: string;
  readonly location: RunLocation;
  readonly changes: readonly Change[];
  /** Schemas that may exist beside the live one. */
  readonly backups: readonly string[];
  /** Views that show the keys of the live table; `isPublic`: every user may read it. */
  readonly views: readonly { readonly schema: string; readonly name: string; readonly isPublic?: true }[];
}

type TextRow = Record<string, string | null>;

/** The broken promises; empty if there are none. */
export async function brokenPromises(stack: ChaosStack, finished: Finished): Promise<string[]> {
  const broken: string[] = [];
  const manifest = await readManifest(stack, finished.location);
  if (manifest === undefined) return ['the run has no manifest'];
  const tables = await readLive(stack, finished.schema);
  broken.push(...wrongRows(finished, manifest, tables));
  broken.push(...(await wrongMarker(stack, finished)));
  broken.push(...(await wrongLedger(stack, finished, manifest, tables)));
  broken.push(...(await wrongViews(stack, finished, tables)));
  broken.push(...(await leftBehind(stack, finished)));
  return broken;
}

async function readManifest(stack: ChaosStack, location: RunLocation): Promise<Manifest | undefined> {
  const object = await stack.store.get(manifestKey(location));
  return object && Manifest.parse(JSON.parse(Buffer.from(object.body).toString('utf8')));
}

async function readLive(stack: ChaosStack, schema: string): Promise<Map<string, TextRow[]>> {
  const [found = []] = await stack.sql(
    `SELECT table_name FROM svv_tables WHERE table_schema = '${schema}' AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  const names = found
    .map((row) => String(row.table_name))
    .filter((name) => name !== MARKER_TABLE && name !== LEDGER_TABLE);
  if (names.length === 0) return new Map();
  const results = await stack.sql(...names.map((name) => `SELECT * FROM "${schema}"."${name}"`));
  return new Map(names.map((name, i) => [name, (results[i] ?? []).map(textRow)]));
}

/**
 * Unchanged keys are as in the source. Each moving key, with its child rows, is in one state that it had during the
 * scan. No row appears twice.
 */
function wrongRows(
  { shape, table, changes }: Finished,
  { extractedFrom, extractedTo }: Manifest,
  tables: ReadonlyMap<string, readonly TextRow[]>,
): string[] {
  const broken: string[] = [];
  const found = new Map<number, Version>();
  for (const row of tables.get(table) ?? []) {
    const n = numberOf(String(row.pk));
    if (found.has(n)) broken.push(`key ${row.pk} appears twice`);
    found.set(n, Number(row.version));
  }
  const items = [];
  for (let n = 0; n < shape.items; n++) {
    const state = found.get(n) ?? 'absent';
    const allowed =
      n < shape.moving
        ? statesBetween(shape, changes, n, Date.parse(extractedFrom), Date.parse(extractedTo))
        : new Set<Version>([0]);
    if (!allowed.has(state)) {
      broken.push(
        `key ${n} is ${named(state)}, but was ${[...allowed].map(named).join(' or ')} during the scan`,
      );
    }
    if (state !== 'absent') items.push(itemOf(shape, n, state));
    found.delete(n);
  }
  for (const n of found.keys()) broken.push(`key ${n} was never in the table`);
  const expected = expectedTables(table, KEY, items);
  for (const name of new Set([...expected.keys(), ...tables.keys()])) {
    broken.push(
      ...difference(name, comparable(expected.get(name) ?? []), comparable(tables.get(name) ?? [])),
    );
  }
  return broken;
}

const named = (state: Version) => (state === 'absent' ? 'absent' : `version ${state}`);

async function wrongMarker(stack: ChaosStack, { schema, location }: Finished): Promise<string[]> {
  const [rows = []] = await stack.sql(`SELECT "pipeline", "run" FROM "${schema}"."${MARKER_TABLE}"`);
  const [row] = rows;
  return rows.length === 1 && row?.run === location.run && row.pipeline === location.pipeline
    ? []
    : [`the marker says ${JSON.stringify(rows)}, but it should name only run ${location.run}`];
}

/** The ledger names the manifest's files, each once, and S3 holds them as they were written. */
async function wrongLedger(
  stack: ChaosStack,
  { schema, location }: Finished,
  manifest: Manifest,
  tables: ReadonlyMap<string, readonly TextRow[]>,
): Promise<string[]> {
  const broken: string[] = [];
  const [rows = []] = await stack.sql(
    `SELECT "table_name", "file_key", "file_etag", "rows", "run" FROM "${schema}"."${LEDGER_TABLE}"`,
  );
  const ledger = rows.map(
    (row) => `${row.table_name} ${row.file_key} ${row.file_etag} ${row.rows} ${row.run}`,
  );
  const wanted = manifest.tables.flatMap((table) =>
    table.files.map((file) => `${table.name} ${file.key} ${file.etag} ${file.rows} ${location.run}`),
  );
  broken.push(...difference('the ledger', wanted, ledger));
  const sizes = new Map<string, number>();
  const directory = `${location.prefix}/${location.pipeline}/runs/${location.run}/`;
  for await (const { key, bytes } of stack.store.list(directory)) sizes.set(key, bytes);
  for (const { name, rows: count, files } of manifest.tables) {
    const inLive = tables.get(name)?.length ?? 0;
    if (inLive !== count) broken.push(`${name} holds ${inLive} rows, but the manifest says ${count}`);
    for (const { key, bytes } of files) {
      if (sizes.get(key) !== bytes) broken.push(`${key} has ${sizes.get(key)} bytes in S3, not ${bytes}`);
    }
  }
  return broken;
}

/** Every view survived the swap with its grants, and reads the new table. */
async function wrongViews(
  stack: ChaosStack,
  { table, views }: Finished,
  tables: ReadonlyMap<string, readonly TextRow[]>,
): Promise<string[]> {
  const wanted = (tables.get(table) ?? []).map(({ pk }) => String(pk));
  const broken: string[] = [];
  for (const { schema, name, isPublic } of views) {
    const view = `view ${schema}.${name}`;
    const [[exists] = [], [granted] = []] = await stack.sql(
      `SELECT count(*) AS "n" FROM pg_views WHERE schemaname = '${schema}' AND viewname = '${name}'`,
      `SELECT count(*) AS "n" FROM svv_relation_privileges WHERE namespace_name = '${schema}' ` +
        `AND relation_name = '${name}' AND privilege_type = 'SELECT' AND identity_type = 'public'`,
    );
    if (Number(exists?.n) !== 1) {
      broken.push(`${view} is gone`);
      continue;
    }
    if (isPublic && Number(granted?.n) !== 1) broken.push(`${view} has lost its grant`);
    const [rows = []] = await stack.sql(`SELECT "pk" FROM "${schema}"."${name}"`);
    broken.push(
      ...difference(
        view,
        wanted,
        rows.map(({ pk }) => String(pk)),
      ),
    );
  }
  return broken;
}

/** No staging schema, no foreign schema, no running statement. */
async function leftBehind(stack: ChaosStack, { schema, backups }: Finished): Promise<string[]> {
  const [rows = []] = await stack.sql(
    `SELECT nspname AS "name" FROM pg_namespace WHERE STRPOS(nspname, '${schema}') = 1 ORDER BY nspname`,
  );
  const found = rows.map((row) => String(row.name));
  const wanted = [schema, ...backups].sort();
  const broken: string[] = [];
  if (found.join() !== wanted.join())
    broken.push(`schemas ${found.join(', ')}; there should be ${wanted.join(', ')}`);
  const open = await stack.openStatements(schema);
  if (open.length > 0) broken.push(`statements still running: ${open.join('; ')}`);
  return broken;
}
