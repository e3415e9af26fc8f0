import { isDeepStrictEqual } from 'node:util';
import { setAsideOf, setAsideQuery } from '../../../src/pipeline/changes/set-aside.ts';
import type { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { markerOf, readMarker } from '../../../src/pipeline/load/marker.ts';
import { positionsOf, positionsQuery, type StoredPosition } from '../../../src/pipeline/load/positions.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import { readGaps, readLogCheckpoints, readShards } from '../../../src/store/changes/log-files.ts';
import { readRecords } from '../../../src/store/changes/record-files.ts';
import { liveItems } from '../../integration/changes/live-items.ts';
import { expectedItems } from '../../integration/changes/logged-table.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import { KEY, type WrittenTable } from './written-table.ts';

export interface Applied {
  readonly stack: ChaosStack;
  readonly pipeline: string;
  readonly schema: string;
  readonly definition: PipelineDefinition;
  readonly table: WrittenTable;
  readonly log: ChangeLog;
}

export async function positionsIn({ stack, schema }: Applied): Promise<StoredPosition[]> {
  const [rows = []] = await stack.sql(positionsQuery(schema));
  return positionsOf(rows);
}

/** How many records the log has, and whether live has all of them. */
export async function isAllApplied(applied: Applied): Promise<boolean> {
  const positions = await positionsIn(applied);
  let records = 0;
  for (const { shard } of await readShards(applied.log)) {
    const last = (await readLogCheckpoints(applied.log, shard)).at(-1);
    if (last === undefined) continue;
    records += last.total.records;
    if (!positions.some((each) => each.shard === shard && each.checkpoint >= last.number)) return false;
  }
  return records >= applied.table.changes;
}

/** The broken promises; empty if there are none. */
export async function brokenChangesPromises(applied: Applied): Promise<string[]> {
  return [...(await wrongLog(applied)), ...(await wrongItems(applied)), ...(await leftBehind(applied))];
}

/** The log has each change once. */
async function wrongLog({ log, table }: Applied): Promise<string[]> {
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

/** Live holds the items of the table, row by row. */
async function wrongItems(applied: Applied): Promise<string[]> {
  const { stack, schema, table } = applied;
  const sql = async (...statements: string[]) => (await stack.sql(...statements)).at(-1) ?? [];
  const marker = markerOf(await sql(readMarker(schema)));
  if (marker === undefined) return [`${schema} has no marker`];
  const from = { sql, store: stack.store };
  const found = await liveItems(from, applied, marker.run, KEY);
  const expected = expectedItems(table.items, KEY);
  const broken: string[] = [];
  for (const [key, item] of expected) {
    if (!found.has(key)) broken.push(`${key} is absent`);
    else if (!isDeepStrictEqual(found.get(key), item)) broken.push(`${key} is not as in the table`);
  }
  for (const key of found.keys()) if (!expected.has(key)) broken.push(`${key} is live, but was deleted`);
  const setAside = setAsideOf(await sql(setAsideQuery(schema, 10)));
  return [...broken.slice(0, 5), ...setAside.map(({ reason }) => `a key was set aside: ${reason}`)];
}

async function leftBehind({ stack, schema }: Applied): Promise<string[]> {
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
