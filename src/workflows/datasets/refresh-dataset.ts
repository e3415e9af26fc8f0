import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import {
  continueAsNew,
  defineQuery,
  isCancellation,
  ParentClosePolicy,
  patched,
  proxyActivities,
  setHandler,
  startChild,
  upsertMemo,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { DatasetControlActivities, PlannedIntake } from '../../contract/datasets/dataset-activities.ts';
import { datasetDetails, datasetLine } from '../../contract/datasets/dataset-details.ts';
import {
  type BuildPartitionResult,
  buildPartitionWorkflowId,
  type DatasetProgress,
  type FailedChild,
  type ReadBatchResult,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
  readBatchWorkflowId,
  updateCatalogueWorkflowId,
} from '../../contract/datasets/datasets.ts';
import { rootCause } from '../../contract/failure.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { memoOfChild, showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { cancellingEarlierChildren } from '../fan-out/earlier-children.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { type CarriedLineage, DatasetLineage } from '../lineage/dataset-lineage.ts';
import { profiles } from '../profiles.ts';
import { terminalFailure } from '../terminal-failure.ts';
import { bringCatalogue } from './bring-catalogue.ts';
import { buildPartition } from './build-partition.ts';
import { DatasetAlerts } from './dataset-alerts.ts';
import { partitionsToBuild } from './partitions-to-build.ts';
import { readBatch } from './read-batch.ts';
import { type ChildOutcome, runChildren } from './run-children.ts';

const {
  placeOfAlerts,
  checkCatalogue,
  planIntake,
  abandonIntake,
  parkBatches,
  wantedPartitions,
  closeIntakes,
  pruneDataset,
} = proxyActivities<DatasetControlActivities>(profiles.listing);

const progressQuery = defineQuery<DatasetProgress>(QUERY_PROGRESS);

const MOST_FAILED = 20;

/**
 * Takes every new file of a dataset, and publishes its rows.
 *
 * 1. plan: compare the table in the catalogue, and add columns to it that it lacks. Take the batches that an earlier run did not get to;
 *    then list the source, and claim an intake for new files. For a rebuild or a replay: claim an intake for files that are read again.
 * 2. read: one child per batch. One that fails is parked: the next run takes its files.
 * 3. build: one child per partition that lacks rows, also of earlier runs. One that fails stays as it was; the next run
 *    builds it.
 * 4. catalogue: one child brings it to the current generations.
 * 5. close: intakes whose rows are all published; once a day, delete what nothing needs.
 */
export async function refreshDataset(input: RefreshDatasetInput): Promise<RefreshDatasetResult> {
  refuseUnknownInput(input, {
    ...{ dataset: true, everything: true, late: true, rebuild: true, replay: true, carried: true },
  });
  return explainingFailure(
    () => `Failed: dataset ${input.dataset}`,
    () => ({ fix: 'Fix the cause', commands: [`tributary dataset run ${input.dataset}`], resumes: false }),
    () => cancellingEarlierChildren(() => new DatasetRun(input).run()),
  );
}

interface Carried {
  readonly totals: Totals;
  readonly failed: readonly FailedChild[];
  /** `failed` does not name all of many. */
  readonly unpublished?: number;
  readonly warnings?: readonly string[];
  /** The version of the record module. */
  readonly code?: string;
  readonly lineage?: CarriedLineage;
  /** The last key that was planned. */
  readonly after?: string;
  /** Absent while files are planned and read. */
  readonly building?: {
    readonly late: boolean;
    /** The last partition that was tried. */
    readonly after?: string;
  };
}

interface Totals {
  files: number;
  records: number;
  rejects: number;
  partitions: number;
  parked: number;
}

class DatasetRun {
  readonly #input: RefreshDatasetInput;
  readonly #totals: Totals;
  readonly #building: Carried['building'];
  #after: string | undefined;
  #code: string | undefined;
  readonly #failed: FailedChild[];
  #unpublished: number;
  readonly #warnings: string[];
  readonly #lineage: DatasetLineage;
  #phase: DatasetProgress['phase'] = 'plan';
  #batches: DatasetProgress['batches'];
  #partitions: DatasetProgress['partitions'];
  #catalogue: DatasetProgress['catalogue'];

  constructor(input: RefreshDatasetInput) {
    this.#input = input;
    const carried = input.carried as Carried | undefined;
    this.#totals = { files: 0, records: 0, rejects: 0, partitions: 0, parked: 0, ...carried?.totals };
    this.#failed = [...(carried?.failed ?? [])];
    this.#unpublished = carried?.unpublished ?? 0;
    this.#warnings = [...(carried?.warnings ?? [])];
    this.#building = carried?.building;
    this.#after = carried?.after;
    this.#code = carried?.code;
    this.#lineage = new DatasetLineage(undefined, carried?.lineage);
    setHandler(progressQuery, () => this.#progress(), {
      description: 'Progress of the run, and the batches and partitions that failed',
    });
  }

  async run(): Promise<RefreshDatasetResult> {
    const { dataset, rebuild, replay } = this.#input;
    // An operator waits for these.
    const isOrdered = rebuild !== undefined || replay !== undefined;
    const alerts = new DatasetAlerts(dataset, isOrdered ? undefined : await placeOfAlerts({ dataset }));
    try {
      const result = await this.#steps();
      await alerts.ended({ ...this.#totals, unpublished: this.#unpublished }, this.#failed);
      await this.#lineage.ended('COMPLETE', { failed: this.#firstFailure() });
      return result;
    } catch (error) {
      if (isCancellation(error)) await this.#lineage.ended('ABORT');
      else if (error instanceof TemporalFailure) {
        const { type: code, message } = rootCause(error);
        await alerts.failed({ code, error: message });
        await this.#lineage.ended('FAIL', { error: message });
      }
      throw error;
    }
  }

  /** Why batches or partitions failed. A catalogue that failed costs no rows. */
  #firstFailure(): ReadonlyMap<string, string> {
    const first = this.#failed.find(({ child }) => /^(?:batch|partition) /.test(child));
    return new Map(first === undefined ? [] : [[this.#input.dataset, `${first.child}: ${first.error}`]]);
  }

  async #steps(): Promise<RefreshDatasetResult> {
    const hasCatalogue = await this.#checkCatalogue();
    const late = this.#building?.late ?? (await this.#takeFiles());
    await this.#build(late);
    if (hasCatalogue) await this.#updateCatalogue();
    this.#enter('close');
    await closeIntakes({ dataset: this.#input.dataset, late });
    await this.#prune();
    this.#enter('done');
    return {
      ...{ dataset: this.#input.dataset, ...this.#totals },
      ...(this.#catalogue === undefined ? {} : { catalogue: this.#catalogue }),
      failed: this.#failed,
      ...(this.#warnings.length === 0 ? {} : { warnings: this.#warnings }),
      ...(this.#code === undefined ? {} : { code: this.#code }),
    };
  }

  /** If it fails, the rows are published all the same; the next run tries again. */
  async #prune(): Promise<void> {
    const { dataset } = this.#input;
    try {
      await pruneDataset({ dataset });
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { type, message } = rootCause(error);
      this.#fail({ child: 'pruning', workflowId: workflowInfo().workflowId, code: type, error: message });
    }
  }

  /** A table that is refused costs nothing but this. New columns are there before the first file that has them. */
  async #checkCatalogue(): Promise<boolean> {
    this.#enter('plan');
    const { dataset } = this.#input;
    const state = await checkCatalogue({ dataset });
    // A rebuild may be what makes the types of all files those of a new table.
    if (state !== 'behind' || this.#input.rebuild !== undefined) return state !== 'none';
    const outcome = await bringCatalogue(dataset);
    if (outcome.kind === 'failed') throw ApplicationFailure.nonRetryable(outcome.error, outcome.code);
    return true;
  }

  /** If it fails, the partitions are published all the same; the next run compares everything. */
  async #updateCatalogue(): Promise<void> {
    this.#enter('catalogue');
    const { dataset } = this.#input;
    const outcome = await bringCatalogue(dataset);
    if (outcome.kind === 'done') {
      this.#catalogue = outcome.output;
      return;
    }
    const { code, error } = outcome;
    this.#fail({ child: 'catalogue', workflowId: updateCatalogueWorkflowId(dataset), code, error });
  }

  /** @returns whether rows for late days are published, too */
  async #takeFiles(): Promise<boolean> {
    for (;;) {
      this.#enter('plan');
      const { carried: _, ...input } = this.#input;
      const { workflowId: owner } = workflowInfo();
      const after = this.#after === undefined ? {} : { after: this.#after };
      const planned = await planIntake({ ...input, ...after, attempt: uuid4(), owner });
      this.#after = planned.after;
      this.#code = planned.code;
      for (const warning of planned.warnings ?? []) this.#warnings.push(warning);
      this.#lineage.planned(planned.lineage === true);
      if (planned.intake !== undefined) await this.#read(planned, planned.intake);
      if (!planned.hasMore) return planned.late;
      if (workflowInfo().continueAsNewSuggested) await this.#continueAsNew(undefined);
    }
  }

  async #read({ batches, files }: PlannedIntake, intake: number): Promise<void> {
    const { dataset } = this.#input;
    const idOf = (batch: number) => readBatchWorkflowId(dataset, intake, batch);
    this.#totals.files += files;
    this.#lineage.began([dataset]);
    this.#batches = { total: batches.length, done: 0, failed: 0 };
    this.#enter('read');
    const parked: { batch: number; code: string; error: string }[] = [];
    await runChildren<number, ReadBatchResult>(
      batches,
      (batch) =>
        startChild(readBatch, {
          workflowId: idOf(batch),
          parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
          staticSummary: `batch ${batch} of intake ${intake} of ${dataset}`,
          args: [{ dataset, intake, batch }],
          ...memoOfChild(),
        }),
      (batch, outcome) => {
        this.#batches = counted(this.#batches, outcome);
        if (outcome.kind === 'done') {
          this.#totals.records += outcome.output.records;
          this.#totals.rejects += outcome.output.rejects;
        } else {
          const { code, error } = outcome;
          parked.push({ batch, code, error });
          this.#fail({ child: `batch ${batch}`, workflowId: idOf(batch), code, error });
        }
        this.#show();
      },
    );
    const [first] = parked;
    if (first === undefined) return;
    if (this.#input.rebuild !== undefined) {
      const why = `batch ${first.batch} failed: ${first.code}: ${first.error}`;
      // The batch may have been read after all.
      if ((await abandonIntake({ dataset, intake, why })) === false) return;
      throw terminalFailure('RebuildRefused', `Nothing was rebuilt: ${why}`);
    }
    await parkBatches({ dataset, intake, batches: parked });
    this.#totals.parked += parked.length;
  }

  async #build(late: boolean): Promise<void> {
    const { dataset } = this.#input;
    const { partitions: lacking, held } = await wantedPartitions({ dataset, late });
    const { partitions, left } = partitionsToBuild(lacking, this.#building?.after);
    this.#partitions = { total: partitions.length + left, done: 0, failed: 0, held };
    this.#enter('build');
    if (partitions.length > 0) this.#lineage.began([dataset]);
    let built = 0;
    await runChildren<string, BuildPartitionResult>(
      partitions,
      (partition) =>
        startChild(buildPartition, {
          workflowId: buildPartitionWorkflowId(dataset, partition),
          // Another run may wait for it.
          parentClosePolicy: ParentClosePolicy.ABANDON,
          staticSummary: `${partition} of ${dataset}`,
          args: [{ dataset, partition }],
          ...memoOfChild(),
        }),
      (partition, outcome) => {
        this.#partitions = { ...counted(this.#partitions, outcome), held };
        if (outcome.kind === 'done' && !outcome.output.isUnchanged) built++;
        if (outcome.kind === 'done') {
          this.#lineage.built(dataset, partition);
          for (const warning of outcome.output.warnings ?? [])
            if (this.#warnings.length < MOST_FAILED) this.#warnings.push(`${partition}: ${warning}`);
        }
        if (outcome.kind === 'failed') {
          const { code, error } = outcome;
          const workflowId = buildPartitionWorkflowId(dataset, partition);
          this.#unpublished++;
          this.#fail({ child: `partition ${partition}`, workflowId, code, error });
        }
        this.#show();
      },
    );
    this.#totals.partitions += built;
    const last = partitions.at(-1);
    if (left > 0 && last !== undefined && (built > 0 || patched('build-all')))
      await this.#continueAsNew({ late, after: last });
  }

  async #continueAsNew(building: Carried['building']): Promise<never> {
    const lineage = this.#lineage.carried;
    const carried: Carried = {
      ...{ totals: this.#totals, failed: this.#failed, warnings: this.#warnings },
      unpublished: this.#unpublished,
      ...(lineage === undefined ? {} : { lineage }),
      ...(this.#after === undefined ? {} : { after: this.#after }),
      ...(this.#code === undefined ? {} : { code: this.#code }),
      ...(building === undefined ? {} : { building }),
    };
    return continueAsNew<typeof refreshDataset>({ ...this.#input, carried });
  }

  #fail(child: FailedChild): void {
    if (this.#failed.length < MOST_FAILED) this.#failed.push(child);
  }

  #enter(phase: DatasetProgress['phase']): void {
    this.#phase = phase;
    this.#show();
    const { dataset, rebuild, replay } = this.#input;
    upsertMemo({
      ...{ tributary: datasetLine(this.#progress()), dataset },
      ...(rebuild === undefined && replay === undefined ? { does: dataset } : {}),
    });
  }

  #show(): void {
    showDetails(datasetDetails(this.#progress()));
  }

  #progress(): DatasetProgress {
    const { files, records, rejects } = this.#totals;
    return {
      ...{ dataset: this.#input.dataset, phase: this.#phase, files, records, rejects },
      ...(this.#batches === undefined ? {} : { batches: this.#batches }),
      ...(this.#partitions === undefined ? {} : { partitions: this.#partitions }),
      ...(this.#catalogue === undefined ? {} : { catalogue: this.#catalogue }),
      failed: this.#failed,
    };
  }
}

const counted = (
  before: DatasetProgress['batches'],
  { kind }: ChildOutcome<unknown>,
): NonNullable<DatasetProgress['batches']> => {
  const { total = 0, done = 0, failed = 0 } = before ?? {};
  return { total, done: done + (kind === 'failed' ? 0 : 1), failed: failed + (kind === 'failed' ? 1 : 0) };
};
