import { z } from 'zod';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { BackupList, ListBackupsInput } from '../../contract/maintenance.ts';
import { rowsPerSchemaQuery, sizeQuery } from '../../pipeline/replace/backup-size.ts';
import { backupsOf } from '../../pipeline/replace/backups.ts';
import { Count } from '../../pipeline/sql/rows.ts';
import { isSystemTable } from '../../pipeline/sql/system-tables.ts';
import { isUndoneBackup } from '../../pipeline/staging/staging.ts';
import { observeLive } from '../live/live-schema.ts';
import { backupCandidates } from '../live/schema-contents.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { query } from '../sql/transaction.ts';

/** The backups of a pipeline's live schema, in the order in which a rollback would choose them. */
export async function listBackups(deps: Dependencies, input: ListBackupsInput): Promise<BackupList> {
  const { warehouse } = await definitionFor(deps, input);
  const { schema } = warehouse;
  return whileHeartbeating(
    () => 'reading the backups',
    async (signal) => {
      const database = deps.warehouse(warehouse);
      const live = await observeLive(deps, warehouse, signal);
      const candidates = await backupCandidates(database, warehouse, live.schemas, signal);
      const backups = backupsOf(schema, input.pipeline, candidates);
      return {
        pipeline: input.pipeline,
        schema,
        live: live.marker === undefined ? null : withoutTables(live.marker),
        backups: await Promise.all(
          backups.map(async ({ name, marker, relations }) => ({
            schema: name,
            ...withoutTables(marker),
            undone: isUndoneBackup(schema, marker.run, name),
            tables: relations.filter((each) => each.kind === 'table' && !isSystemTable(each.name)).length,
            ...(await sizeOf(database, name, signal)),
          })),
        ),
      };
    },
  );
}

const withoutTables = ({ run, extractedFrom }: { run: string; extractedFrom: string }) => ({
  run,
  extractedFrom,
});

const Rows = z.tuple([z.object({ rows: Count })]);
const Size = z.tuple([z.object({ tables: Count, megabytes: Count })]);

async function sizeOf(
  database: Warehouse,
  schema: string,
  signal: AbortSignal,
): Promise<{ rows: number; megabytes: number | null }> {
  const [rows] = await query(database, `tributary rows of ${schema}`, [rowsPerSchemaQuery(schema)], signal);
  return { rows: Rows.parse(rows)[0].rows, megabytes: await megabytesOf(database, schema, signal) };
}

/** Null if the view may not be read or shows nothing, as for users who are not superusers. */
async function megabytesOf(database: Warehouse, schema: string, signal: AbortSignal): Promise<number | null> {
  try {
    const [rows] = await query(database, `tributary size of ${schema}`, [sizeQuery(schema)], signal);
    const [{ tables, megabytes }] = Size.parse(rows);
    return tables === 0 ? null : megabytes;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
