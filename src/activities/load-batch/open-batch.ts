import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { redactedWarehouse } from '../../clients/redacted-warehouse.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import type { LoaderLocation } from '../../pipeline/loader/loader-directory.ts';
import type { Batch } from '../../pipeline/loader/loader-documents.ts';
import { loaderNamed, loadersOf } from '../../pipeline/loader/routing.ts';
import { findDocument } from '../../store/document.ts';
import { batchDocument } from '../../store/loader/batch-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import { whoBlocks } from '../sql/who-blocks.ts';

/** The loader of one table: what all batches of the table share. */
export interface OpenLoader {
  readonly deps: Dependencies;
  /** The name of the loader that the input names. */
  readonly name: string;
  /** The loader that the input names. Its target, merge rule and settings are those of all loaders of the table. */
  readonly definition: LoaderDefinition;
  /** The loaders of the table by name: each knows the format of its own files. */
  readonly loaders: Readonly<Record<string, LoaderDefinition>>;
  /** The staging bucket. */
  readonly store: ObjectStore;
  readonly at: LoaderLocation;
  readonly database: Warehouse;
  readonly watch: StatementWatch;
  readonly signal: AbortSignal;
}

/** One batch of it. */
export interface OpenBatch extends OpenLoader {
  readonly batch: Batch;
}

/** @throws Refusal `UnknownLoader`, Terminal `ConfigInvalid` */
export async function openLoader(
  deps: Dependencies,
  loader: string,
  signal: AbortSignal,
): Promise<OpenLoader> {
  const all = await deps.loaders();
  const definition = loaderNamed(all, loader);
  const ofTable = loadersOf(all, definition.target);
  const loaders = Object.fromEntries(ofTable.map((each) => [each.name, each.loader]));
  refuseOtherRules(loader, definition, loaders);
  const database = redactedWarehouse(deps.warehouse(definition.target), async () => definition.redactValues);
  const { loadSeconds, terminateBlockers } = definition.target;
  return {
    ...{ deps, name: loader, definition, loaders, database, signal },
    store: deps.store(definition.staging.bucket),
    at: { prefix: definition.staging.prefix, table: definition.target },
    watch: {
      timeLimitSeconds: loadSeconds,
      setting: `target.loadSeconds of loader ${loader}`,
      whoBlocks: (pid) => whoBlocks(database, pid, terminateBlockers, signal),
    },
  };
}

/** Other rules for the same table would destroy each other's rows, so `config check` refuses them; a worker does, too. */
function refuseOtherRules(
  loader: string,
  definition: LoaderDefinition,
  loaders: Readonly<Record<string, LoaderDefinition>>,
): void {
  const rules = ({ merge, staging }: LoaderDefinition) => JSON.stringify([merge ?? null, staging]);
  for (const [name, other] of Object.entries(loaders)) {
    if (rules(other) === rules(definition)) continue;
    throw new Terminal(
      'ConfigInvalid',
      `Loaders ${loader} and ${name} feed the same table with different \`merge\` or \`staging\`. Give them the same ` +
        'ones, or tables of their own; `tributary config check` compares them.',
    );
  }
}

/** @throws Terminal `UnknownBatch`, and as `openLoader` */
export async function openBatch(
  deps: Dependencies,
  { loader, batch }: { readonly loader: string; readonly batch: number },
  signal: AbortSignal,
): Promise<OpenBatch> {
  const open = await openLoader(deps, loader, signal);
  return { ...open, batch: await readBatch(open, batch) };
}

/** @throws Terminal `UnknownBatch` */
export async function readBatch(open: OpenLoader, batch: number): Promise<Batch> {
  const document = batchDocument(open, batch);
  const found = await findDocument(document, open.signal);
  if (found !== undefined) return found;
  throw new Terminal(
    'UnknownBatch',
    `There is no batch ${batch}: s3://${open.store.bucket}/${document.key} does not exist.`,
  );
}
