import { workflowInfo } from '@temporalio/workflow';
import type { AlertsOfGraph, RefreshGraphResult, TroubledDataset } from '../../../contract/datasets/graph.ts';
import { isAllBuilt } from '../../../contract/datasets/graph.ts';
import type { AlertEvent } from '../../../pipeline/alerts/alert-event.ts';
import { eventId } from '../../../pipeline/alerts/event-id.ts';
import { SEVERAL_DATASETS } from '../../../pipeline/datasets/graph/run-name.ts';
import { count, counted } from '../../../pipeline/text/measures.ts';
import { onOneLine } from '../../../pipeline/text/sentences.ts';
import { raiseAlert } from '../../alerts/raise-alert.ts';
import { asTyped } from '../../as-typed.ts';

type Raised = Pick<AlertEvent, 'kind' | 'what'> & Partial<AlertEvent>;

/** A partition that failed, or files or a table of a catalogue. */
interface Failed {
  readonly dataset: string;
  readonly partition: string;
  readonly code?: string;
  readonly reason: string;
}

/** How many partitions an alert names. */
const SHOWN = 5;

/**
 * The alerts of a run of datasets: of each dataset whose partitions failed, are missing or wait for an approval, or of which nothing
 * is wrong any more; and of the run as a whole, which has the name of its dataset, or `datasets`.
 */
export class GraphAlerts {
  readonly #run: string;
  #to: AlertsOfGraph | undefined;
  readonly #phase: () => string;

  /** @param run what alerts call the run @param phase the phase that it is in */
  constructor(run: string, phase: () => string) {
    this.#run = run;
    this.#phase = phase;
  }

  /** Who hears of it, and where that is noted. Undefined: no one. */
  reportTo(to: AlertsOfGraph | undefined): void {
    this.#to = to;
  }

  async started(now: string): Promise<void> {
    await this.#raise(this.#run, ['started', ...thisRun()], {
      kind: 'started',
      what: `A run of ${this.#run} for ${now} has started.`,
    });
  }

  /** Partitions failed, and nothing else is left to do. The same failures are reported once per run. */
  async waiting(failed: readonly Failed[]): Promise<void> {
    for (const [dataset, own] of Map.groupBy(failed, (each) => each.dataset)) {
      const [{ code } = {}] = own;
      const isChecks = own.every((each) => each.code === 'PartitionChecksFailed');
      const names = own.map(({ partition, code: why = '' }) => `${partition} ${why}`).toSorted();
      await this.#raise(dataset, ['waiting', ...thisRun(), ...names], {
        kind: isChecks ? 'checkFailed' : 'waiting',
        what: `${counted(own.length, 'partition')} of ${dataset} failed. Everything else is built; what reads ${own.length === 1 ? 'it' : 'them'} is blocked. The run tries again, and then waits for you.`,
        cause: listed(own.map(({ partition, reason }) => `${partition}: ${onOneLine(reason)}`)),
        ...(code === undefined ? {} : { code }),
        waits: true,
        ...next('Fix the cause, then', 'tributary dataset retry'),
      });
    }
  }

  /** The run ends: what is missing or held, which checks did not hold, and whether it has built everything. */
  async ended(
    result: RefreshGraphResult,
    {
      troubles,
      failed,
      seen,
    }: {
      readonly troubles: readonly TroubledDataset[];
      readonly failed: readonly Failed[];
      /** The datasets of the run. */
      readonly seen: readonly string[];
    },
  ): Promise<void> {
    for (const trouble of troubles) await this.#troubled(trouble);
    const warned = Map.groupBy(result.warnings, (text) => text.slice(0, text.indexOf(' ')));
    for (const [dataset, texts] of warned)
      await this.#raise(dataset, ['warned', ...thisRun(), ...texts], {
        kind: 'checkFailed',
        what: `Checks of ${dataset} found something and only warn: its partitions are published.`,
        cause: listed(texts),
        ...next('To look at it', `tributary dataset graph ${dataset}`),
      });
    const troubled = new Set([...troubles, ...failed].map(({ dataset }) => dataset));
    const isAll = isAllBuilt(result) && troubled.size === 0;
    if (isAll) await this.#succeeded(result);
    for (const dataset of this.#to?.open ?? []) {
      const isWell = dataset === this.#run ? isAll : seen.includes(dataset) && !troubled.has(dataset);
      if (isWell) await this.#recovered(dataset);
    }
  }

  /** The run itself failed. */
  async failed({ code, error }: { readonly code: string; readonly error: string }): Promise<void> {
    await this.#raise(this.#run, ['failed', workflowInfo().runId], {
      kind: 'failed',
      what: `A run of ${this.#run} failed. What it has built stays; the next run builds the rest.`,
      cause: error,
      code,
      endedRun: true,
      ...next('Fix the cause, then', runOf(this.#run)),
    });
  }

  #troubled({ dataset, kind, partitions, total, reason }: TroubledDataset): Promise<void> {
    const day = workflowInfo().startTime.toISOString().slice(0, 10);
    const names = listed(partitions, total);
    if (kind === 'invalid')
      return this.#raise(dataset, ['invalid', day, reason], {
        kind: 'waiting',
        what: `The step of ${dataset} cannot run: ${counted(total, 'partition')} ${total === 1 ? 'is' : 'are'} not built.`,
        cause: reason,
        code: 'StepInvalid',
        waits: true,
        ...next('Fix it, then', runOf(dataset)),
      });
    if (kind === 'too many files')
      return this.#raise(dataset, ['too many files', day, ...partitions], {
        kind: 'waiting',
        what: `${counted(total, 'partition')} of ${dataset} ${total === 1 ? 'has' : 'have'} more text files than store.maxFiles, and ${total === 1 ? 'is' : 'are'} not built.`,
        cause: `${partitions[0] ?? ''}: ${reason}`,
        code: 'TooManyFiles',
        waits: true,
        ...next('Fix it, then', runOf(dataset)),
      });
    if (kind === 'held')
      return this.#raise(dataset, ['held', day], {
        kind: 'waiting',
        what: `${counted(total, 'partition')} of ${dataset} ${total === 1 ? 'is' : 'are'} stale because the step changed, and ${total === 1 ? 'waits' : 'wait'} for an approval.`,
        cause: names,
        waits: true,
        ...next('To let them be rebuilt', `tributary dataset approve ${dataset}`, runOf(dataset)),
      });
    return this.#raise(dataset, ['missing', day, ...partitions], {
      kind: 'missing',
      what: `${counted(total, 'expected partition')} of ${dataset} ${total === 1 ? 'is' : 'are'} missing. What reads ${total === 1 ? 'it' : 'them'} is not built.`,
      cause: names,
      ...next('Once its files are there', runOf(dataset)),
    });
  }

  #succeeded({ built, unchanged, totals, publications }: RefreshGraphResult): Promise<void> {
    const published = publications.filter(({ isNew }) => isNew);
    return this.#raise(this.#run, ['succeeded', workflowInfo().runId], {
      kind: 'succeeded',
      what: `A run of ${this.#run} has succeeded: ${counted(built, 'partition')} new or changed, ${count(unchanged)} unchanged, ${count(totals.complete)} complete.`,
      ...(published.length === 0
        ? {}
        : {
            cause: published
              .map(({ publication, number }) => `Published: ${publication}/${number}`)
              .join('\n'),
          }),
    });
  }

  #recovered(dataset: string): Promise<void> {
    return this.#raise(
      dataset,
      ['recovered', workflowInfo().runId],
      { kind: 'recovered', what: `A run has built everything of ${dataset}.` },
      'resolves runs like it',
    );
  }

  /** @param cause what identifies it, of this dataset */
  async #raise(
    dataset: string,
    cause: readonly string[],
    raised: Raised,
    completion?: 'resolves runs like it',
  ): Promise<void> {
    const place = this.#to?.places[dataset];
    if (place === undefined) return;
    const { namespace, workflowId, runId } = workflowInfo();
    await raiseAlert({
      event: {
        version: 1,
        id: eventId(['graph', namespace, dataset, ...cause]),
        at: new Date(Date.now()).toISOString(),
        pipeline: dataset,
        isDataset: true,
        phase: this.#phase(),
        workflow: { namespace, workflowId, runId },
        ...raised,
        ...(raised.cause === undefined ? {} : { cause: asTyped(raised.cause) }),
      },
      staging: place,
      ...(completion === undefined ? {} : { completion }),
    });
  }
}

function thisRun(): string[] {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return [workflowId, firstExecutionRunId];
}

const runOf = (dataset: string) =>
  dataset === SEVERAL_DATASETS ? 'tributary dataset run' : `tributary dataset run ${dataset}`;

function next(fix: string, ...commands: readonly string[]): Pick<AlertEvent, 'next' | 'commands'> {
  return { next: asTyped(`${fix}: \`${commands.join(' && ')}\``), commands: commands.map(asTyped) };
}

const listed = (lines: readonly string[], total = lines.length): string => {
  const shown = lines.slice(0, SHOWN);
  return [...shown, ...(total > shown.length ? [`and ${count(total - shown.length)} more`] : [])].join('\n');
};
