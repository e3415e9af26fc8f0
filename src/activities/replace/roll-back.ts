import { randomBytes } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { RollbackInput, RollbackResult } from '../../contract/maintenance.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Marker } from '../../pipeline/load/marker.ts';
import { dataTablesOf } from '../../pipeline/replace/catalogue.ts';
import { chooseBackup, RollbackChoice } from '../../pipeline/replace/rollback.ts';
import { rollbackKey } from '../../pipeline/run/run-directory.ts';
import { anyWriter, claim } from '../../store/claim.ts';
import { type Document, findDocument } from '../../store/document.ts';
import { catalogueIn, observeLive } from '../live/live-schema.ts';
import { refuseStoppers } from '../live/refuse-stoppers.ts';
import { backupCandidates } from '../live/schema-contents.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { hintApplier } from './hint-applier.ts';
import { swapIn } from './swap-in.ts';

/**
 * Swaps a backup in, with the same transaction as a replacement. The choice is recorded first. An attempt that takes
 * over continues with that choice, finds it done, or finds that live has changed and leaves it alone.
 */
export async function rollBack(
  deps: Dependencies,
  input: RollbackInput & { readonly request: string },
): Promise<RollbackResult> {
  const { source, staging, warehouse, destination } = await definitionFor(deps, input);
  const document: Document<RollbackChoice> = {
    store: deps.store(staging.bucket),
    key: rollbackKey({ prefix: staging.prefix, pipeline: input.pipeline }, input.request),
    schema: RollbackChoice,
  };
  let doing = 'choosing a backup';
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const choice =
        (await findDocument(document, signal)) ?? (await choose(deps, input, warehouse, document, signal));
      const { to: run, extractedFrom, from, backupSchema } = choice;
      const swapped = await swapIn(
        deps,
        {
          warehouse,
          incoming: backupSchema,
          marker: { pipeline: input.pipeline, run, extractedFrom },
          older: true,
          undone: true,
          replaced: from ?? undefined,
          // A later rollback between the same two schemas must not match this transaction's client token.
          scope: randomBytes(16).toString('hex'),
          check: ({ marker }) => refuseChanged(choice, marker),
          note: (text) => {
            doing = text;
          },
        },
        signal,
      );
      if (source.changes !== undefined) await hintApplier(input.pipeline, destination);
      return {
        pipeline: input.pipeline,
        schema: warehouse.schema,
        run,
        extractedFrom,
        replaced: from === run ? null : from,
        backupSchema:
          from === run
            ? null
            : (swapped.backupSchema ?? (await backupHolding(deps, warehouse, from, signal)) ?? null),
        ...(swapped.note === undefined ? {} : { note: swapped.note }),
        ...(swapped.views === undefined ? {} : { views: swapped.views }),
      };
    },
  );
}

async function choose(
  deps: Dependencies,
  { pipeline, to }: RollbackInput,
  warehouse: WarehouseDefinition,
  document: Document<RollbackChoice>,
  signal: AbortSignal,
): Promise<RollbackChoice> {
  const { schema } = warehouse;
  const database = deps.warehouse(warehouse);
  const live = await observeLive(deps, warehouse, signal);
  const candidates = await backupCandidates(database, warehouse, live.schemas, signal);
  const chosen = chooseBackup({ schema, pipeline, live, candidates, to });
  if (chosen.kind === 'refuse') throw new Terminal(chosen.code, `${chosen.reason} ${chosen.whatToDo}`);
  const backupSchema = chosen.kind === 'backup' ? chosen.name : schema;
  if (chosen.kind === 'backup') {
    const newTables = dataTablesOf(await catalogueIn(database, chosen.name, signal));
    await refuseStoppers(database, { schema, live, newTables, when: 'prepare' }, signal);
  }
  const choice: RollbackChoice = {
    version: 1,
    schema,
    from: live.marker?.run ?? null,
    to: chosen.marker.run,
    extractedFrom: chosen.marker.extractedFrom,
    backupSchema,
    chosenAt: new Date().toISOString(),
  };
  return (await claim(document, choice, anyWriter, signal)).value;
}

/** @throws Terminal `LiveChanged` if live is no longer what it was when the rollback was requested. */
function refuseChanged({ schema, from, to }: RollbackChoice, live: Marker | undefined): void {
  if ((live?.run ?? null) === from) return;
  throw new Terminal(
    'LiveChanged',
    `Schema ${schema} held ${from === null ? 'no run' : `run ${from}`} when its rollback to run ${to} was requested, and ` +
      `holds ${live === undefined ? 'none' : `run ${live.run}`} now. Nothing was changed. If you still want the rollback, start a new one.`,
  );
}

/** The backup that an earlier attempt made, for the result. */
async function backupHolding(
  deps: Dependencies,
  warehouse: WarehouseDefinition,
  run: string | null,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { schemas } = await observeLive(deps, warehouse, signal);
  const candidates = await backupCandidates(deps.warehouse(warehouse), warehouse, schemas, signal);
  return candidates.find(({ marker }) => marker?.run === run)?.name;
}
