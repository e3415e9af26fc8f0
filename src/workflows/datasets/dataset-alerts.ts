import { workflowInfo } from '@temporalio/workflow';
import type { AlertsPlace } from '../../contract/datasets/dataset-activities.ts';
import type { FailedChild } from '../../contract/datasets/datasets.ts';
import type { AlertEvent } from '../../pipeline/alerts/alert-event.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { raiseAlert } from '../alerts/raise-alert.ts';
import { asTyped } from '../as-typed.ts';

type Raised = Pick<AlertEvent, 'kind' | 'what'> & Partial<AlertEvent>;

/** The alerts of a dataset's run: batches that are parked, partitions that are not published, and that nothing is wrong any more. */
export class DatasetAlerts {
  readonly #dataset: string;
  /** Absent: no one listens. */
  readonly #at: AlertsPlace | undefined;

  constructor(dataset: string, at: AlertsPlace | undefined) {
    this.#dataset = dataset;
    this.#at = at;
  }

  /** At the end of a run. */
  async ended(
    totals: { readonly parked: number; readonly unpublished: number },
    failed: readonly FailedChild[],
  ): Promise<void> {
    const [first] = failed;
    if (first === undefined && totals.parked === 0)
      return this.#raise(
        ['recovered', workflowInfo().runId],
        {
          kind: 'recovered',
          what: `Everything of dataset ${this.#dataset} is published again.`,
        },
        'resolves runs like it',
      );
    const others = failed.filter(({ child }) => !/^(?:batch|partition) /.test(child));
    const what = [
      ...(totals.parked === 0 ? [] : [`${counted(totals.parked, 'batch', 'batches')} parked`]),
      ...(totals.unpublished === 0 ? [] : [`${counted(totals.unpublished, 'partition')} not published`]),
      ...others.map(({ child }) => `${child} failed`),
    ];
    const { code = 'unknown', error = '' } = first ?? {};
    const status = `tributary dataset status ${this.#dataset}`;
    return this.#raise([code, error, workflowInfo().startTime.toISOString().slice(0, 10)], {
      kind: 'waiting',
      what: `Dataset ${this.#dataset}: ${what.join(', ')}. Everything else is published, and the next run tries these again.`,
      cause: error,
      code,
      waits: true,
      next: asTyped(`Fix the cause: \`${status}\``),
      commands: [asTyped(status)],
    });
  }

  /** The run itself failed. */
  async failed({ code, error }: Pick<FailedChild, 'code' | 'error'>): Promise<void> {
    const run = `tributary dataset run ${this.#dataset}`;
    return this.#raise(['failed', code, error, workflowInfo().startTime.toISOString().slice(0, 10)], {
      kind: 'failed',
      what: `A run of dataset ${this.#dataset} failed: new files wait for the next one.`,
      cause: error,
      code,
      endedRun: true,
      next: asTyped(`Fix the cause, then: \`${run}\``),
      commands: [asTyped(run)],
    });
  }

  /** @param cause the same cause is reported once a day */
  async #raise(
    cause: readonly string[],
    raised: Raised,
    completion?: 'resolves runs like it',
  ): Promise<void> {
    const at = this.#at;
    if (at === undefined) return;
    const { namespace, workflowId, runId } = workflowInfo();
    await raiseAlert({
      event: {
        version: 1,
        id: eventId(['dataset', namespace, this.#dataset, ...cause]),
        at: new Date(Date.now()).toISOString(),
        pipeline: this.#dataset,
        isDataset: true,
        workflow: { namespace, workflowId, runId },
        ...raised,
        ...(raised.cause === undefined ? {} : { cause: asTyped(raised.cause) }),
      },
      staging: at,
      ...(completion === undefined ? {} : { completion }),
    });
  }
}
