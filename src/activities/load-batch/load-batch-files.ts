import { Terminal, Transient } from '../../clients/errors.ts';
import type { LoadBatchInput, LoadBatchResult } from '../../contract/loader/loader.ts';
import { type CopyGroup, copyGroups, type InspectedFile } from '../../pipeline/loader/copy-groups.ts';
import type { BatchClosed, FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import { fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { BatchFile, BatchLoad } from '../../pipeline/merge/batch-load.ts';
import { batchStatements } from '../../pipeline/merge/batch-statements.ts';
import { recordFiles } from '../../pipeline/merge/transaction.ts';
import { guardOf, sqlOf } from '../../pipeline/sql/guarded-statement.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { findDocument } from '../../store/document.ts';
import { batchClosedDocument } from '../../store/loader/batch-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { countBatch } from '../runtime/metrics.ts';
import { randomToken } from '../sql/random-token.ts';
import { GuardFailed, LoadFailed, runLongTransaction, ValueMissing } from '../sql/transaction.ts';
import { awaitingConfig } from './await-config.ts';
import { changedFiles } from './changed-files.ts';
import { describeLoad, originalOf } from './describe-load.ts';
import { refuseEarlierOpen } from './earlier-open.ts';
import { evolveTarget } from './evolve-target.ts';
import { forgetOlderSometimes } from './forget-older.ts';
import { inexactFailure } from './inexact-values.ts';
import { columnsToCreate, inspectFiles } from './inspect-files.ts';
import { missingValueFailure } from './missing-values.ts';
import { type OpenBatch, openBatch } from './open-batch.ts';
import { matchColumns } from './plan-load.ts';
import { nameOf, prepareTarget, type ReadyTarget } from './prepare-target.ts';
import { refusedRowsFailure } from './refused-rows.ts';
import { rowsAhead } from './rows-ahead.ts';
import { closeDirectory, closeLoaded, type NewColumn, resultOf } from './settle-batch.ts';
import { takeCopies } from './take-copies.ts';
import { committedBatch, outcomeOf, unloadedFiles } from './unloaded-files.ts';

/** How often another process may change the table or its ledger during a load before an operator must act. */
const MAX_SURPRISES = 10;

/**
 * Loads one batch, or finds that it is loaded. Any number of attempts may do this at once: of two that submit the same
 * load, one fails its guard and rereads the ledger.
 *
 * 1. Look at the table, and create what is missing beside it.
 * 2. Ask the ledger which files are still to be loaded.
 * 3. Inspect these files, compare their columns with the table's, and add columns under `onDrift: evolve`.
 * 4. An append copies its files, so that COPY reads what was announced.
 * 5. One guarded transaction. If a guard fails, begin again at 1.
 * 6. Record how the batch ended.
 */
export async function loadBatchFiles(deps: Dependencies, input: LoadBatchInput): Promise<LoadBatchResult> {
  let doing = `reading batch ${input.batch} of loader ${input.loader}`;
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const opening = () => openBatch(deps, input, signal);
      // A batch that an operator starts alone fails at once, as every command does.
      const open = await (input.parent === undefined ? opening() : awaitingConfig(opening));
      const { batch } = open.batch;
      const closed = await findDocument(batchClosedDocument(open, batch), signal);
      if (closed !== undefined) return resultOf(open, batch, closed);
      const attempt = new Attempt(open, (now) => {
        doing = now;
      });
      for (let surprises = 0; surprises < MAX_SURPRISES; surprises++) {
        const ended = await attempt.run();
        if (ended === 'again') continue;
        countBatch(nameOf(open), ended.outcome, ended.outcome === 'loaded' ? ended : undefined);
        return resultOf(open, batch, ended);
      }
      throw new Terminal(
        'LoadContended',
        `${nameOf(open)} changed ${MAX_SURPRISES} times while batch ${batch} was being loaded: is another process loading ` +
          'it? Retry when that one has ended.',
      );
    },
  );
}

/** What is to be loaded, and how. */
interface Planned {
  readonly load: BatchLoad;
  /** In the order of the load's groups. */
  readonly groups: readonly CopyGroup[];
  readonly files: readonly SourceFile[];
  readonly others: readonly FileOutcome[];
  readonly newColumns: readonly NewColumn[];
}

class Attempt {
  readonly #open: OpenBatch;
  readonly #show: (doing: string) => void;
  /** Files that are no longer what was announced, by identity: they are left out. */
  readonly #changed = new Map<string, FileOutcome>();
  readonly #inspected = new Map<string, InspectedFile>();
  /** Part of the client token. Other attempts find a running transaction by it. */
  #scope: string;

  constructor(open: OpenBatch, show: (doing: string) => void) {
    this.#open = open;
    this.#show = show;
    this.#scope = nameOf(open);
  }

  /** Loads the batch, or finds that something changed meanwhile. */
  async run(): Promise<BatchClosed | 'again'> {
    try {
      return await this.#run();
    } catch (error) {
      // Another process loads into this table, or did so while our statement waited for its turn.
      if (error instanceof GuardFailed) return 'again';
      throw error;
    }
  }

  async #run(): Promise<BatchClosed | 'again'> {
    const open = this.#open;
    const { batch } = open.batch;
    this.#show(`looking at ${nameOf(open)}`);
    const ready = await prepareTarget(open, () => columnsToCreate(open));
    const ledger = await unloadedFiles(open, ready.target);
    if (ledger.committed !== undefined) {
      // An earlier attempt was lost after its commit. What it left out is not in the ledger.
      const left = await changedFiles(open, ledger.files);
      return closeLoaded(open, ledger.committed, { others: [...ledger.others, ...left], newColumns: [] });
    }
    if (ledger.isSkipped) return closeDirectory(open, batch, { outcome: 'skipped' });
    await refuseEarlierOpen(open);
    const planned = await this.#plan(ready, ledger.files, ledger.others);
    if (planned.files.length === 0) return closeLoaded(open, undefined, planned);
    return (await this.#load(planned)) ? 'again' : this.#committed(planned);
  }

  async #plan(
    ready: ReadyTarget,
    unloaded: readonly SourceFile[],
    loadedBefore: readonly FileOutcome[],
  ): Promise<Planned> {
    const open = this.#open;
    const { definition, batch } = open;
    const inspected = await this.#inspect(ready, unloaded);
    const readable = inspected.filter(({ file }) => file.bytes > 0);
    const empty = inspected.filter(({ file }) => file.bytes === 0);
    const groups = copyGroups(readable).filter(({ columns }) => columns.length > 0);
    const { newColumns, unfitColumns, unmatchedKeys } = matchColumns(groups, ready.target, definition);
    const drifted = [...newColumns, ...unfitColumns].map(({ name }) => name);
    if (definition.onDrift === 'stop' && drifted.length + unmatchedKeys.length > 0) {
      throw new Terminal(
        'FilesDrifted',
        `Files of batch ${batch.batch} have columns that ${nameOf(open)} does not have: ` +
          `${[...drifted, ...unmatchedKeys].join(', ')}. Nothing was loaded, because onDrift is ` +
          '`stop`. Add the columns to the table, or change onDrift, then retry the batch.',
      );
    }
    const evolves = definition.onDrift === 'evolve' && newColumns.length > 0;
    const evolved = evolves ? await evolveTarget(open, ready, newColumns) : ready;
    const files = await this.#take(inspected.map(({ file }) => file));
    refuseHalfReplacement(open, [...this.#changed.values()]);
    const kept = groups
      .map((group) => ({ ...group, files: group.files.filter((file) => files.has(file)) }))
      .filter((group) => group.files.length > 0);
    if (batch.replace !== undefined && kept.length === 0) {
      throw new Terminal(
        'FilesChanged',
        `The files of batch ${batch.batch} have no rows, so rows would be deleted and none loaded. Nothing was replaced. ` +
          'Skip the batch; delete the rows yourself if they are to go.',
      );
    }
    return {
      load: await describeLoad(open, evolved, kept, files),
      groups: kept,
      files: [...files.keys()],
      others: [
        ...loadedBefore,
        ...this.#changed.values(),
        ...empty.flatMap(({ file }) => (files.has(file) ? [outcomeOf(file, 'empty')] : [])),
      ],
      newColumns: [
        ...newColumns.map(({ name }) => ({ name, added: evolves })),
        ...unfitColumns.map(({ name, why }) => ({
          ...{ name, added: false },
          ...(definition.onDrift === 'evolve' ? { why } : {}),
        })),
        ...unmatchedKeys.map((name) => ({ name, added: false })),
      ],
    };
  }

  async #inspect(ready: ReadyTarget, files: readonly SourceFile[]): Promise<InspectedFile[]> {
    let done = 0;
    const left = files.filter(
      (file) => !this.#inspected.has(fileId(file)) && !this.#changed.has(fileId(file)),
    );
    const found = await inspectFiles(this.#open, ready.target, left, () => {
      done++;
      this.#show(`inspecting files: ${done} of ${counted(left.length, 'file')}`);
    });
    for (const each of found.files) this.#inspected.set(fileId(each.file), each);
    for (const each of found.others) this.#changed.set(fileId(each), each);
    return files.flatMap((file) =>
      this.#changed.has(fileId(file)) ? [] : (this.#inspected.get(fileId(file)) ?? []),
    );
  }

  /** How each file is read: an append reads copies. */
  async #take(files: readonly SourceFile[]): Promise<ReadonlyMap<SourceFile, BatchFile>> {
    if (this.#open.definition.merge !== undefined)
      return new Map(files.map((file) => [file, originalOf(file)]));
    let done = 0;
    const taken = await takeCopies(this.#open, files, () => {
      done++;
      this.#show(`copying files: ${done} of ${counted(files.length, 'file')}`);
    });
    const kept = new Map<SourceFile, BatchFile>();
    for (const file of files) {
      const answer = taken.get(file)!;
      if ('outcome' in answer) this.#changed.set(fileId(file), answer);
      else kept.set(file, answer);
    }
    return kept;
  }

  /** @returns true if something changed meanwhile, so that nothing was loaded and the batch is to be planned again */
  async #load({ load, groups, files }: Planned): Promise<boolean> {
    const open = this.#open;
    const name = `tributary batch ${load.batch} into ${nameOf(open)}`;
    this.#show(`loading ${counted(files.length, 'file')} into ${nameOf(open)}`);
    const sinceMs = Date.now();
    // Files without any column have no rows: only the ledger notes them.
    const statements =
      load.groups.length === 0 ? recordFiles(load, { files: load.files }) : batchStatements(load);
    try {
      await runLongTransaction(
        open.database,
        { name, scope: this.#scope, statements: sqlOf(statements), watch: open.watch },
        open.signal,
      );
      return false;
    } catch (error) {
      open.signal.throwIfAborted();
      if (error instanceof GuardFailed) {
        const guard = guardOf(statements, error.statement);
        if (guard === 'values') throw await inexactFailure(open, load, groups);
        if (guard === 'rows') throw rowsDiffer(open, load);
        // Our own statements divide in guards alone.
        if (guard === undefined && error.statement !== undefined) throw dividesByZero(open, load);
        throw error;
      }
      const isFailure =
        error instanceof LoadFailed || error instanceof Terminal || error instanceof Transient;
      if (isFailure && (await this.#foundChanged(load, files))) return true;
      if (error instanceof ValueMissing) throw await missingValueFailure(open, { load, groups }, error);
      if (error instanceof Terminal) throw namingOriginals(load, error);
      if (error instanceof LoadFailed) throw await refusedRowsFailure(open, { load, groups, sinceMs }, error);
      throw error;
    }
  }

  /** COPY fails if a file it reads itself is gone, or has another size than was announced. */
  async #foundChanged(load: BatchLoad, files: readonly SourceFile[]): Promise<boolean> {
    const copied = new Set(load.files.filter(({ copiedTo }) => copiedTo !== undefined).map(fileId));
    const changed = await changedFiles(
      this.#open,
      files.filter((file) => !copied.has(fileId(file))),
    );
    for (const each of changed) this.#changed.set(fileId(each), each);
    return changed.length > 0;
  }

  async #committed({ load, files, others, newColumns }: Planned): Promise<BatchClosed | 'again'> {
    const open = this.#open;
    if (load.groups.length === 0) return closeLoaded(open, undefined, { others, newColumns });
    const committed = await committedBatch(open, load.target, load.batch);
    if (committed === undefined) {
      // The token belongs to an earlier success, of which the warehouse no longer has anything: it was restored.
      this.#scope = randomToken();
      return 'again';
    }
    await forgetOlderSometimes(open, load.target, load.batch);
    const isMerge = load.merge !== undefined && !open.definition.source.immutableFiles;
    const changed = isMerge ? await changedFiles(open, files) : [];
    const mixed = changed.map((file) => ({ ...file, outcome: 'read while overwritten' as const }));
    const ahead = await rowsAhead(open, load.target, load.merge);
    return closeLoaded(open, committed, { others: [...others, ...mixed], newColumns, ahead });
  }
}

/** A replacement without some of its files would lose their rows. */
function refuseHalfReplacement({ batch }: OpenBatch, changed: readonly FileOutcome[]): void {
  if (batch.replace === undefined || changed.length === 0) return;
  const [{ bucket, key, outcome }] = changed as [FileOutcome];
  throw new Terminal(
    'FilesChanged',
    `${counted(changed.length, 'file')} of batch ${batch.batch} changed since the replacement was asked for, such as ` +
      `s3://${bucket}/${key}: ${outcome}. Nothing was replaced. Skip the batch, and ask for the load again.`,
  );
}

const rowsDiffer = (open: OpenBatch, { batch, merge }: BatchLoad) =>
  new Terminal(
    'RowsDiffer',
    `After batch ${batch}, ${nameOf(open)} would not have held ` +
      (merge === undefined ? 'as many more rows as its files have' : 'each key of its files exactly once') +
      ', so nothing was loaded. Retry it; if it happens again, report it with the batch’s directory.',
  );

const dividesByZero = (open: OpenBatch, { batch, replace }: BatchLoad) =>
  new Terminal(
    'LoadFailed',
    `Batch ${batch} divides by zero, in ` +
      (replace === undefined
        ? `a default of ${nameOf(open)}`
        : `the condition of its replacement, ${replace}`) +
      ', so nothing of it is in the warehouse. Correct that: a condition belongs to its batch, so skip the batch and ask ' +
      'for the load again.',
  );

/** The same failure, but with the files that operators know in place of the copies that COPY read. */
function namingOriginals({ files }: BatchLoad, { code, message }: Terminal): Terminal {
  let named = message;
  for (const { bucket, key, copiedTo } of files) {
    if (copiedTo === undefined) continue;
    named = named.replaceAll(`${copiedTo.bucket}/${copiedTo.key}`, `${bucket}/${key}`);
  }
  return new Terminal(code, named);
}
