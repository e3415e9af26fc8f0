import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { setAsideOf, setAsideQuery } from '../../../src/pipeline/changes/set-aside.ts';
import { markerOf, readMarker } from '../../../src/pipeline/load/marker.ts';
import type { StoredPosition } from '../../../src/pipeline/load/positions.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import {
  lastLogCheckpoint,
  listShards,
  readGaps,
  readLogCheckpoints,
  readShards,
} from '../../../src/store/changes/log-files.ts';
import { readRecords } from '../../../src/store/changes/record-files.ts';
import { liveItems } from '../../integration/changes/live-items.ts';
import { expectedItems } from '../../integration/changes/logged-table.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import type { SchemaDestination } from './destinations.ts';
import { KEY, type WrittenTable } from './written-table.ts';

/** What was followed, and where it went. */
export interface Followed {
  readonly stack: ChaosStack;
  readonly pipeline: string;
  readonly table: WrittenTable;
  readonly log: ChangeLog;
}

/** The last checkpoint of each shard that the log has, and how many records in all. */
async function inLog(log: ChangeLog) {
  const checkpoints = new Map<string, number>();
  let records = 0;
  const shards = await listShards(log);
  const found = await Promise.all(shards.map((shard) => lastLogCheckpoint(log, shard)));
  for (const last of found) {
    if (last === undefined) continue;
    checkpoints.set(last.shard, last.number);
    records += last.total.records;
  }
  return { checkpoints, records };
}

/** Whether the log has every change of the table. */
export async function isAllRecorded({ log, table }: Followed): Promise<boolean> {
  const { changes } = table;
  return (await inLog(log)).records >= changes;
}

/** Whether the log has every change, and all these schemas have them. */
export async function isAllApplied(
  { log, table }: Followed,
  positionsIn: readonly (() => Promise<readonly StoredPosition[]>)[],
): Promise<boolean> {
  const { checkpoints, records } = await inLog(log);
  if (records < table.changes) return false;
  for (const read of positionsIn) {
    const positions = new Map((await read()).map(({ shard, checkpoint }) => [shard, checkpoint]));
    for (const [shard, number] of checkpoints) if ((positions.get(shard) ?? 0) < number) return false;
  }
  return true;
}

/** The log has each change once. */
export async function wrongLog({ log, table }: Followed): Promise<string[]> {
  const sequences: string[] = [];
  for (const { shard } of await readShards(log)) {
    for (const checkpoint of await readLogCheckpoints(log, shard))
      for await (const records of readRecords(log, checkpoint))
        for (const { sequence } of records) sequences.push(String(sequence));
  }
  const different = new Set(sequences).size;
  const gaps = await readGaps(log);
  return [
    ...(different === table.changes ? [] : [`the log has ${different} changes of ${table.changes}`]),
    ...(different === sequences.length
      ? []
      : [`${sequences.length - different} changes are in the log more than once`]),
    ...gaps.map(({ message }) => `the log has a gap: ${message}`),
  ];
}

/** A schema holds the items of the table, row by row. */
export async function wrongItems(
  { stack, pipeline, table }: Followed,
  { schema, definition, seen }: SchemaDestination,
): Promise<string[]> {
  const sql = async (...statements: string[]) => (await stack.sql(...statements)).at(-1) ?? [];
  const marker = markerOf(await sql(readMarker(schema)));
  if (marker === undefined) return [`${schema} has no marker`];
  const from = { sql, store: stack.store };
  const found = await liveItems(from, { pipeline, schema, definition }, marker.run, KEY);
  const expected = expectedItems(table.items.map(seen), KEY);
  const broken: string[] = [];
  for (const [key, item] of expected) {
    if (!found.has(key)) broken.push(`${key} is absent`);
    else if (!isDeepStrictEqual(found.get(key), item)) broken.push(`${key} is not as in the table`);
  }
  for (const key of found.keys()) if (!expected.has(key)) broken.push(`${key} is live, but was deleted`);
  const setAside = setAsideOf(await sql(setAsideQuery(schema, 10)));
  return [
    ...broken.slice(0, 5).map((each) => `${schema}: ${each}`),
    ...setAside.map(({ reason }) => `${schema}: a key was set aside: ${reason}`),
  ];
}

/** Nothing runs, and no staging schema is left. */
export async function leftBehind(stack: ChaosStack, schema: string): Promise<string[]> {
  const open = await stack.openStatements(schema);
  const [rows = []] = await stack.sql(
    `SELECT nspname FROM pg_namespace WHERE nspname LIKE '${schema.replaceAll('_', '\\_')}%'`,
  );
  const names = rows.map(({ nspname }) => String(nspname)).filter((name) => name !== schema);
  return [
    ...(open.length === 0 ? [] : [`statements still running: ${open.join('; ')}`]),
    ...names
      .filter((name) => !name.includes('__old') && !name.includes('backup'))
      .map((name) => `${name} is left`),
  ];
}

const Line = z.object({ sequence: z.string() });

/** The files by day have each change once, and no other. */
export async function wrongHistory({ stack, table }: Followed, prefix: string): Promise<string[]> {
  const sequences: string[] = [];
  for await (const { key } of stack.store.list(`${prefix}/date=`)) {
    const object = await stack.store.get(key);
    const lines = gunzipSync(object!.body)
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    for (const line of lines) sequences.push(Line.parse(JSON.parse(line)).sequence);
  }
  const different = new Set(sequences).size;
  return [
    ...(different === table.changes ? [] : [`the history has ${different} changes of ${table.changes}`]),
    ...(different === sequences.length
      ? []
      : [`${sequences.length - different} changes are in the history more than once`]),
  ];
}
