import { Terminal } from '../../clients/errors.ts';
import type { OpenedLoad, OpenLoadInput } from '../../contract/loader/bulk-load.ts';
import { loaderWorkflowId } from '../../contract/loader/loader.ts';
import { type BulkLoad, LoadName, loadNameFor, sameRequest } from '../../pipeline/bulk-load/bulk-load.ts';
import { conditionProblem } from '../../pipeline/bulk-load/condition.ts';
import { withLoadDate } from '../../pipeline/bulk-load/load-dates.ts';
import { loadSource } from '../../pipeline/bulk-load/load-source.ts';
import { qualified } from '../../pipeline/sql/identifier.ts';
import { anyWriter, claim } from '../../store/claim.ts';
import { findDocument } from '../../store/document.ts';
import { newestBatch } from '../../store/loader/batch-files.ts';
import { bulkLoadDocument } from '../../store/loader/bulk-load-file.ts';
import { type OpenLoader, openLoader } from '../load-batch/open-batch.ts';
import { loadedTable } from '../loader/loader-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { query } from '../sql/transaction.ts';

/**
 * Checks what a load asks for, and records it under its name. A load of the same name that asks for the same continues the
 * first; one that asks for something else is refused.
 * @throws Terminal `BadLoad`, `LoadNameTaken`, Refusal `UnknownLoader`
 */
export async function openLoad(deps: Dependencies, input: OpenLoadInput): Promise<OpenedLoad> {
  return whileHeartbeating(
    () => 'checking what is to be loaded',
    async (signal) => {
      const { loader, dates, any = false, dryRun = false } = input;
      const { table, files } = await loadedTable(deps, loader);
      const dated = (text: string) => (dates === undefined ? text : withLoadDate(text, dates));
      const from = dated(input.from);
      const replace = input.replace === undefined ? undefined : dated(input.replace);
      const name = input.name ?? loadNameFor(input.workflowId, loaderWorkflowId(table));
      refuseBadInput({ from, replace, name });
      const open = await openLoader(deps, loader, signal);
      refuseElsewhere(open, { from, any, loader });
      if (replace !== undefined) await refuseBadCondition(open, replace);
      const asked: BulkLoad = {
        ...{ version: 1, name, loader, from, any },
        ...(replace === undefined ? {} : { replace }),
        startedAt: new Date(deps.nowMs()).toISOString(),
        newest: 0,
      };
      const document = bulkLoadDocument(files, name);
      const known = await findDocument(document, signal);
      let value = known ?? { ...asked, newest: await newestBatch(files, 0, signal) };
      if (known === undefined && !dryRun) ({ value } = await claim(document, value, anyWriter, signal));
      if (!sameRequest(value, asked)) {
        throw new Terminal(
          'LoadNameTaken',
          `There is a load ${name} of ${value.loader} already, from ${value.from}` +
            `${value.replace === undefined ? '' : `, replacing ${value.replace}`}. Give this one another name.`,
        );
      }
      const { startedAt, newest } = value;
      return {
        ...{ name, loader, from, any, startedAt, newest, table },
        ...(replace === undefined ? {} : { replace }),
      };
    },
  );
}

function refuseBadInput({
  from,
  replace,
  name,
}: {
  readonly from: string;
  readonly replace: string | undefined;
  readonly name: string;
}): void {
  if (loadSource(from) === undefined) {
    throw new Terminal(
      'BadLoad',
      `${from} is not a prefix or a manifest in S3: expected s3://bucket/prefix, e.g. s3://landing/quakes/day=2026-11-01/.`,
    );
  }
  const problem = replace === undefined ? undefined : conditionProblem(replace);
  if (problem !== undefined) {
    throw new Terminal(
      'BadLoad',
      `${problem}. Expected one condition on columns of the table, e.g. day = '2026-11-01'. Nothing was changed.`,
    );
  }
  const issue = LoadName.safeParse(name).error?.issues[0];
  if (issue !== undefined)
    throw new Terminal('BadLoad', `"${name}" is not a name of a load: expected ${issue.message}.`);
}

/** A prefix outside of the loader's has none of its files. */
function refuseElsewhere(
  { definition: { source } }: OpenLoader,
  { from, any, loader }: { readonly from: string; readonly any: boolean; readonly loader: string },
): void {
  const at = loadSource(from);
  if (any || at?.kind !== 'prefix') return;
  const overlaps = at.key.startsWith(source.prefix) || source.prefix.startsWith(at.key);
  if (at.bucket === source.bucket && overlaps) return;
  throw new Terminal(
    'BadLoad',
    `${from} is outside of s3://${source.bucket}/${source.prefix}, where loader ${loader} has its files. Check the address; ` +
      'files from elsewhere are loaded in its format with `any` (--any).',
  );
}

/** The warehouse itself says whether it is a condition on the table. No row is read. */
async function refuseBadCondition(open: OpenLoader, condition: string): Promise<void> {
  const { schema, table } = open.definition.target;
  const sql = `SELECT count(*) AS "rows" FROM ${qualified(schema, table)} WHERE false AND (${condition}\n)`;
  try {
    await query(open.database, `tributary condition on ${schema}.${table}`, [sql], open.signal, open.watch);
  } catch (error) {
    if (!(error instanceof Terminal)) throw error;
    throw new Terminal(
      'BadLoad',
      `${schema}.${table} has no rows to replace where ${condition}: ${error.message}. Nothing was changed.`,
      { cause: error },
    );
  }
}
