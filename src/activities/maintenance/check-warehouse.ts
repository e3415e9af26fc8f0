import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { Check } from '../../contract/maintenance.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { type Accounted, stoppersOf } from '../../pipeline/replace/inventory.ts';
import { familyOf, familyQuery, type LiveState } from '../../pipeline/replace/live-state.ts';
import { wearQuery, wornTables } from '../../pipeline/replace/table-wear.ts';
import { copyProbeKey } from '../../pipeline/run/run-directory.ts';
import { createSchemaProbe, whoAmIQuery } from '../../pipeline/sql/warehouse-probe.ts';
import { observeLive, refuseForeign } from '../live/live-schema.ts';
import { accountFor } from '../live/refuse-stoppers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { proveCopyAllowed } from '../sql/prove-copy-allowed.ts';
import { query, runTransaction } from '../sql/transaction.ts';
import { Checklist } from './checklist.ts';
import { clockFound } from './clock-found.ts';

const WhoAmI = z.tuple([z.object({ user_name: z.string(), version: z.string(), now: z.string() })]);

/** The warehouse: it exists, we may create schemas, COPY can read the bucket, and we may replace the live schema. */
export async function checkWarehouse(
  deps: Dependencies,
  pipeline: string,
  { source, staging, warehouse }: PipelineDefinition,
  signal: AbortSignal,
): Promise<Check[]> {
  const list = new Checklist('Redshift', signal);
  const database = deps.warehouse(warehouse);
  let user = '';
  const reached = await list.ask('connection', async (limited) => {
    const before = Date.now();
    const [rows = []] = await query(database, 'tributary check', [whoAmIQuery], limited);
    const [who] = WhoAmI.parse(rows);
    user = who.user_name;
    const clock = clockFound('the warehouse', Date.parse(`${who.now}Z`), before, Date.now());
    const where = warehouse.workgroup ?? warehouse.cluster;
    return {
      ...clock,
      found: `${where} ${warehouse.database} as ${user}; ${clock.found}; ${shortVersion(who.version)}`,
    };
  });
  if (!reached) return list.checks;
  await list.ask('creating schemas', async (limited) => {
    const name = `tributary_check_${randomBytes(4).toString('hex')}`;
    const statements = createSchemaProbe(name);
    await runTransaction(database, { name: 'tributary check schema', scope: name, statements }, limited);
    return { found: `${user} may create and drop schemas` };
  });
  await list.ask('COPY', async (limited) => {
    const run = `check_${randomBytes(6).toString('hex')}`;
    const ref = { pipeline, run, bucket: staging.bucket, prefix: staging.prefix };
    try {
      await proveCopyAllowed(deps, ref, warehouse, limited);
    } finally {
      await deps.store(staging.bucket).delete([copyProbeKey(ref)]);
    }
    return { found: `reads the bucket with role ${warehouse.iamRole}` };
  });
  let live: LiveState | undefined;
  await list.ask('live schema', async (limited) => {
    live = await observeLive(deps, warehouse, limited);
    refuseForeign(warehouse.schema, pipeline, live);
    if (!live.schemas.includes(warehouse.schema)) return { found: `${warehouse.schema} does not exist yet` };
    const [rows = []] = await query(
      database,
      'tributary check owner',
      [familyQuery(warehouse.schema)],
      limited,
    );
    const owner = familyOf(rows).find(({ name }) => name === warehouse.schema)?.owner;
    const held =
      live.marker === undefined
        ? 'is empty'
        : `holds run ${live.marker.run}, extracted from ${live.marker.extractedFrom} on`;
    const found = `${warehouse.schema}, owned by ${owner ?? 'an unknown user'}, ${held}`;
    if (owner === undefined || owner === user) return { found };
    return {
      state: 'warning',
      found,
      whatToDo: `Only its owner or a superuser may rename it: unless ${user} is one, ALTER SCHEMA ${warehouse.schema} OWNER TO ${user}.`,
    };
  });
  await list.ask('dependencies of the live tables', async (limited) => {
    if (live?.schemas.includes(warehouse.schema) !== true) return { found: 'nothing' };
    const { schema } = warehouse;
    const replacing = { schema, live, newTables: undefined, when: 'plan' as const };
    const { inventory } = await accountFor(database, replacing, limited);
    const stoppers = stoppersOf(inventory);
    if (stoppers.length === 0)
      return { found: `nothing that would stop a replacement${alsoFound(inventory)}` };
    return {
      state: 'problem',
      found: stoppers.map(({ what }) => what).join('; '),
      whatToDo: stoppers.map(({ what, whatToDo }) => `${what}: ${whatToDo}`).join('; '),
    };
  });
  if (source.changes !== undefined && live?.schemas.includes(warehouse.schema) === true) {
    const { schema } = warehouse;
    await list.ask('rows that applies left', (limited) => wearFound(database, schema, limited), 'unknown');
  }
  const { prepareSeconds, loadSeconds, verifySeconds, replaceSeconds } = warehouse.timeLimits;
  list.add('time limits', {
    found: `prepare ${prepareSeconds} s, load ${loadSeconds} s, verify ${verifySeconds} s, replace ${replaceSeconds} s`,
  });
  return list.checks;
}

/** What changes have left in the live tables. */
async function wearFound(database: Warehouse, schema: string, signal: AbortSignal) {
  const [rows = []] = await query(database, 'tributary check rows', [wearQuery(schema)], signal);
  const worn = wornTables(rows);
  if (worn.length === 0) return { found: 'no table has many deleted or unsorted rows' };
  const [first] = worn;
  return {
    state: 'warning' as const,
    found: worn
      .map((table) => `${table.name}: ${table.deletedPercent}% deleted, ${table.unsortedPercent}% unsorted`)
      .join('; '),
    whatToDo:
      `Run VACUUM FULL ${schema}.${first?.name}, and so for each of these tables, at a quiet time. If they wear out again soon, ` +
      'raise applySeconds: each apply leaves deleted rows. A run makes tables without them.',
  };
}

/** What a replacement carries over and passes over, in numbers and names. */
function alsoFound(inventory: readonly Accounted[]): string {
  const views = inventory.filter(
    ({ what, disposition }) => disposition.kind === 'carried' && what.startsWith('view '),
  );
  const passed = inventory.flatMap(({ what, disposition }) =>
    disposition.kind === 'passed over' ? [`${what} (${disposition.why})`] : [],
  );
  return [
    ...(views.length === 0 ? [] : [`; carries over ${views.map(({ what }) => what).join(', ')}`]),
    ...(passed.length === 0 ? [] : [`; passes over ${passed.join(', ')}`]),
  ].join('');
}

/** `Redshift 1.0.12345`, from Redshift's long version text. */
function shortVersion(version: string): string {
  const [redshift] = /Redshift \S+/.exec(version) ?? [];
  return redshift ?? version.slice(0, 60);
}
