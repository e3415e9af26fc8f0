import type { Catalogue, PartitionFailure } from '../../clients/catalogue.ts';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { CatalogueState, CatalogueUpdate } from '../../contract/datasets/datasets.ts';
import {
  type PartitionDefinition,
  type TableAddress,
  type TableDefinition,
  valuesKey,
} from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import { differingColumns } from '../../pipeline/datasets/catalogue/differing-columns.ts';
import {
  foreignPartitions,
  knownGeneration,
  type ListedPointer,
  type PartitionsPlan,
  partitionDefinition,
  partitionValues,
  planPartitions,
  type ReadPointer,
} from '../../pipeline/datasets/catalogue/plan-partitions.ts';
import { planTable, type Refusal, tableName } from '../../pipeline/datasets/catalogue/plan-table.ts';
import { generationName } from '../../pipeline/datasets/dataset-directory.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { currentPublished } from '../../store/datasets/current-generation.ts';
import { listPointers } from '../../store/datasets/pointers.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import type { CataloguedDataset } from './open-catalogued.ts';

/** So often everything is compared, at most: others may publish, and change the catalogue, all the while. */
const MOST_ROUNDS = 20;
const POINTERS_AT_ONCE = 16;

/**
 * Compares the dataset's columns with its table, before anything is read or published.
 * @throws Terminal `CatalogueForeign`, `CatalogueProjected`, `CatalogueTypesDiffer`
 */
export async function checkCatalogue(
  { catalogue, address, table }: CataloguedDataset,
  signal: AbortSignal,
): Promise<CatalogueState> {
  const plan = planTable(address, table, await catalogue.table(address, { signal }));
  if (plan.kind === 'refuse') throw refused(plan.refusal);
  return plan.kind === 'keep' ? 'current' : 'behind';
}

/**
 * Brings the catalogue to what the pointers say: first the table, then its partitions. It compares everything, and repeats that
 * until nothing differs: so it repairs what an earlier execution left half done, and if others published or wrote meanwhile,
 * the last one that writes finds out. A write is followed by a comparison even after a cancellation; if Glue fails one, the next
 * attempt compares.
 * @throws Terminal `CatalogueForeign`, `CatalogueProjected`, `CatalogueTypesDiffer`, `Refused`
 */
export async function updateCatalogue(
  dataset: CataloguedDataset,
  signal: AbortSignal,
): Promise<CatalogueUpdate> {
  const { catalogue, address } = dataset;
  const total = { added: 0, switched: 0, removed: 0 };
  let hasWritten = false;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (!hasWritten) signal.throwIfAborted();
    const untilCompared = hasWritten ? NEVER : signal;
    const table = await bringTable(dataset, untilCompared);
    if (table === undefined) continue;
    const { wanted, found } = await comparison(dataset, table, untilCompared);
    const plan = planPartitions(wanted, found);
    if (isDone(plan)) {
      signal.throwIfAborted();
      return { table: tableName(address), partitions: wanted.length, ...total };
    }
    hasWritten = true;
    const failures = await write(catalogue, address, plan);
    const failed = (kind: keyof PartitionsPlan) => failures[kind].length;
    total.added += plan.create.length - failed('create');
    total.switched += plan.update.length - failed('update');
    total.removed += plan.remove.length - failed('remove');
    throwFirst(address, [...failures.remove, ...failures.create, ...failures.update]);
  }
  throw new Transient(
    'WriteConflict',
    `The table ${tableName(address)} in the Glue catalogue changed ${MOST_ROUNDS} times while it was updated.`,
  );
}

const NEVER = new AbortController().signal;

/** @returns undefined if another process was faster: it has to be compared again */
async function bringTable(
  { catalogue, address, table }: CataloguedDataset,
  signal: AbortSignal,
): Promise<TableDefinition | undefined> {
  const plan = planTable(address, table, await catalogue.table(address, { signal }));
  switch (plan.kind) {
    case 'refuse':
      throw refused(plan.refusal);
    case 'keep':
      return plan.table;
    case 'create': {
      const answer = await catalogue.createTable(address, plan.table, { signal });
      if (answer === 'no database') await catalogue.createDatabase(address.database, { signal });
      return answer === 'created' ? plan.table : undefined;
    }
    case 'update': {
      const answer = await catalogue.updateTable(address, plan.table, { signal });
      return answer === 'updated' ? plan.table : undefined;
    }
  }
}

/** The catalogue is read before the pointers: what it has is never newer than what they are compared with. */
async function comparison(
  { name, catalogue, address, columns, files }: CataloguedDataset,
  table: TableDefinition,
  signal: AbortSignal,
): Promise<{
  readonly wanted: readonly PartitionDefinition[];
  readonly found: ReadonlyMap<string, PartitionDefinition>;
}> {
  const found = new Map<string, PartitionDefinition>();
  for await (const partition of catalogue.partitions(address, { signal }))
    found.set(valuesKey(partition.values), partition);
  const foreign = foreignPartitions(address, found.values());
  if (foreign !== undefined) throw refused(foreign);

  const store = { bucket: files.store.bucket, prefix: files.at.prefix };
  const pointers: ReadPointer[] = [];
  const differing = new Map<string, readonly string[]>();
  const read = async (listed: ListedPointer, each: AbortSignal) => {
    const known = knownGeneration(store, listed, found.get(valuesKey(partitionValues(listed.partition))));
    if (known !== undefined) {
      pointers.push({ ...listed, generation: known });
      return;
    }
    const current = await currentPublished(files, listed.partition, each);
    if (current === undefined) return;
    const { pointer, etag, generation } = current;
    const changed = differingColumns(generation.columns, columns);
    if (changed.length > 0) differing.set(listed.partition, changed);
    pointers.push({
      ...{ partition: listed.partition, etag: bareEtag(etag) },
      generation: generationName(pointer.generation, pointer.id),
    });
  };
  await forEachLimited(await listPointers(files, signal), POINTERS_AT_ONCE, read, signal);
  const [first] = differing;
  if (first !== undefined) throw refused(otherTypes({ name, address, first, count: differing.size }));
  pointers.sort((a, b) => (a.partition < b.partition ? -1 : 1));
  return {
    wanted: pointers.map((pointer) => partitionDefinition(store, pointer, table.columns)),
    found,
  };
}

const otherTypes = ({
  name,
  address,
  first: [partition, columns],
  count,
}: {
  readonly name: string;
  readonly address: TableAddress;
  readonly first: readonly [string, readonly string[]];
  readonly count: number;
}): Refusal => ({
  code: 'CatalogueTypesDiffer',
  message:
    `${counted(count, 'partition')} of ${name} ${count === 1 ? 'has' : 'have'} files with other types than the table ` +
    `${tableName(address)} in the Glue catalogue, such as ${partition}: ${columns.join('; ')}. No partition was changed. ` +
    'Restore the types, or rebuild all days.',
});

const isDone = ({ create, update, remove }: PartitionsPlan) =>
  create.length + update.length + remove.length === 0;

type Failures = Readonly<Record<keyof PartitionsPlan, readonly PartitionFailure[]>>;

/** Without the activity's signal: a call that was sent may take effect. Each has its own deadline. */
async function write(
  catalogue: Catalogue,
  address: TableAddress,
  { create, update, remove }: PartitionsPlan,
): Promise<Failures> {
  return {
    create: await catalogue.createPartitions(address, create),
    update: await catalogue.updatePartitions(address, update),
    remove: await catalogue.deletePartitions(address, remove),
  };
}

/** Entries that another process was faster with are compared again. @throws Terminal, Transient */
function throwFirst(address: TableAddress, failures: readonly PartitionFailure[]): void {
  const failed = failures.filter(({ kind }) => kind === 'refused' || kind === 'transient');
  const first = failed.find(({ kind }) => kind === 'refused') ?? failed[0];
  if (first === undefined) return;
  const message =
    `Glue did not change ${counted(failed.length, 'partition')} of ${tableName(address)}, such as ` +
    `${first.values.join('/')}: ${first.message}. The others were changed.`;
  throw first.kind === 'refused'
    ? new Terminal('Refused', message)
    : new Transient('ServiceFailed', `${message} This is retried.`);
}

const refused = ({ code, message }: Refusal) => new Terminal(code, message);
