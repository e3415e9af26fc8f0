import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import { bypassingSlots } from '../../clients/warehouse.ts';
import type { Check, CheckLoaderInput, CheckLoaderResult } from '../../contract/maintenance.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';
import { listSeconds } from '../../pipeline/loader/listing.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { loaderTableKey } from '../../pipeline/loader/loader-directory.ts';
import { LoaderTable } from '../../pipeline/loader/loader-documents.ts';
import { type Loaders, loaderNamed, routeFile } from '../../pipeline/loader/routing.ts';
import { besideName } from '../../pipeline/merge/beside-tables.ts';
import { lockQuery, lockRow } from '../../pipeline/merge/lock-table.ts';
import { targetProblems } from '../../pipeline/merge/target-problems.ts';
import { foundTarget, targetQuery } from '../../pipeline/merge/target-query.ts';
import { whoAmIQuery } from '../../pipeline/sql/warehouse-probe.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { findDocument } from '../../store/document.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { copyOf } from '../sql/prove-copy-allowed.ts';
import { LoadFailed, query } from '../sql/transaction.ts';
import { probe } from './check-bucket.ts';
import { checkArriving, type Sample } from './check-files.ts';
import { checkQueue } from './check-queue.ts';
import { Checklist } from './checklist.ts';

interface Checked {
  readonly name: string;
  readonly loader: LoaderDefinition;
}

/** Checks everything that a loader needs from the services, and says what to do about each finding. */
export async function checkLoaderServices(
  deps: Dependencies,
  { loader: name }: CheckLoaderInput,
): Promise<CheckLoaderResult> {
  // Even if our own statements hold all slots, the checks must get an answer.
  const beside: Dependencies = { ...deps, warehouse: (target) => bypassingSlots(deps.warehouse(target)) };
  return whileHeartbeating(
    () => 'checking the services',
    async (signal) => {
      let all: Loaders;
      let loader: LoaderDefinition;
      try {
        all = await deps.loaders();
        loader = loaderNamed(all, name);
      } catch (error) {
        if (!(error instanceof Terminal || error instanceof Refusal)) throw error;
        const check = { area: 'configuration', what: "the worker's file", state: 'problem' } as const;
        return { loader: name, checks: [{ ...check, found: error.message }] };
      }
      const checked = { name, loader };
      const { bucket, prefix } = loader.source;
      const files = await checkArriving(
        {
          ...{ store: deps.store(bucket), bucket, prefix, by: 'loader' },
          isOwn: (key) => routeFile(all, { bucket, key })?.name === name,
          whatToDo: 'Check source.match, and whether another loader has a longer prefix.',
        },
        signal,
      );
      const areas = await Promise.all([
        checkStaging(deps, loader, signal),
        checkQueue(deps, loader.source.queue, `the prefix is listed every ${listSeconds(loader)} s`, signal),
        checkTable(beside, checked, files.sample, signal),
      ]);
      return { loader: name, checks: [...files.checks, ...areas.flat()] };
    },
  );
}

/** The staging bucket: the worker may write to it, and it honours conditional puts. */
async function checkStaging(
  deps: Dependencies,
  { staging }: LoaderDefinition,
  signal: AbortSignal,
): Promise<Check[]> {
  const list = new Checklist('S3', signal);
  const key = `${staging.prefix}/loaders/check-${randomBytes(6).toString('hex')}`;
  await list.ask('staging', (limited) => probe(deps.store(staging.bucket), key, limited));
  return list.checks;
}

const WhoAmI = z.tuple([z.object({ user_name: z.string() })]);

/** The warehouse: it answers, the table is fit, and COPY may read what it is to load. */
async function checkTable(
  deps: Dependencies,
  { name: loaderName, loader }: Checked,
  sample: Sample | undefined,
  signal: AbortSignal,
): Promise<Check[]> {
  const { target, merge, source, staging } = loader;
  const list = new Checklist('Redshift', signal);
  const database = deps.warehouse(target);
  /** Asked only if S3 does not know it: while a batch is loaded, this would wait. */
  const tableOfLock = async (limited: AbortSignal) => {
    const [rows = []] = await query(database, 'tributary check lock', [lockQuery(target)], limited);
    return lockRow(rows)?.tableId;
  };
  const reached = await list.ask('connection', async (limited) => {
    const [rows = []] = await query(database, 'tributary check', [whoAmIQuery], limited);
    const [{ user_name: user }] = WhoAmI.parse(rows);
    return { found: `${target.workgroup ?? target.cluster} ${target.database} as ${user}` };
  });
  if (!reached) return list.checks;
  await list.ask('table', async (limited) => {
    const name = `${target.schema}.${target.table}`;
    const lock = besideName('lock', target.table);
    const [rows = [], ofLock = []] = await query(
      database,
      'tributary check table',
      [targetQuery(target.schema, target.table), targetQuery(target.schema, lock)],
      limited,
    );
    const found = foundTarget(target.schema, target.table, rows);
    const at = { prefix: staging.prefix, table: target };
    const table = { store: deps.store(staging.bucket), key: loaderTableKey(at), schema: LoaderTable };
    const known = await findDocument(table, limited);
    if (found === undefined) {
      if (known !== undefined) {
        return {
          state: 'problem',
          found: `${name} does not exist any more: the loader has loaded into it before, so it does not create it again`,
          whatToDo: `Restore it. Or create it, then "tributary loader resume ${loaderName} --accept-table".`,
        };
      }
      if (target.create) return { found: `${name} does not exist yet: the first batch creates it` };
      return {
        state: 'problem',
        found: `${name} does not exist`,
        whatToDo: 'Create it, or set `create: true` in the loader’s target.',
      };
    }
    const loadedInto = known?.tableId ?? (ofLock.length === 0 ? undefined : await tableOfLock(limited));
    if (loadedInto !== undefined && loadedInto !== found.tableId) {
      return {
        state: 'problem',
        found: `${name} is not the table that the loader has loaded into: it was dropped and created again, or another took its name`,
        whatToDo: `To continue with this table: "tributary loader resume ${loaderName} --accept-table".`,
      };
    }
    const { refusals, warnings } = targetProblems(found, merge);
    if (refusals.length > 0) {
      const whatToDo = 'Change the table or the loader’s `merge`.';
      return { state: 'problem', found: refusals.join('; '), whatToDo };
    }
    if (warnings.length > 0) return { state: 'warning', found: name, whatToDo: warnings.join(' ') };
    return { found: `${name}: ${counted(found.columns.length, 'column')}` };
  });
  await list.ask('COPY from staging', async (limited) => {
    const store = deps.store(staging.bucket);
    const key = `${staging.prefix}/loaders/check-${randomBytes(6).toString('hex')}`;
    await store.put(key, '"probe"\n', { signal: limited, contentType: 'text/csv' });
    try {
      await copyOf(deps, { bucket: staging.bucket, key }, target, limited);
    } finally {
      await store.delete([key]);
    }
    return { found: `reads the bucket with role ${target.iamRole}` };
  });
  const readsFiles = merge !== undefined || source.immutableFiles;
  if (readsFiles && sample !== undefined) {
    await list.ask('COPY from the files', async (limited) => {
      await copyOf(deps, { bucket: source.bucket, key: sample.key }, target, limited).catch((error) => {
        // The probe's table has one column: that rows were refused shows that they were read.
        if (!(error instanceof LoadFailed)) throw error;
      });
      return { found: `reads ${sample.key} with role ${target.iamRole}` };
    });
  }
  return list.checks;
}
