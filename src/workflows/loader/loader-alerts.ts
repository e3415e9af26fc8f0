import { workflowInfo } from '@temporalio/workflow';
import type { OpenedLoader, ParkedInfo } from '../../contract/loader/loader-activities.ts';
import type { AlertEvent } from '../../pipeline/alerts/alert-event.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import { loaderAlertsDirectory } from '../../pipeline/loader/loader-directory.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { raiseAlert } from '../alerts/raise-alert.ts';
import { asTyped } from '../as-typed.ts';

type Raised = Pick<AlertEvent, 'kind' | 'what'> & Partial<AlertEvent>;

/**
 * The alerts of a loader: a batch that is parked, a loader that pauses itself, and that nothing is parked any more. None of
 * them delays the loader.
 */
export class LoaderAlerts {
  readonly #loader: string;
  readonly #opened: () => OpenedLoader | undefined;
  /** The worker's configuration has destinations. */
  isHeard: boolean;
  /** Something was raised, by this execution or an earlier one, and is not resolved. */
  isOpen: boolean;
  #raising = 0;

  constructor(
    loader: string,
    opened: () => OpenedLoader | undefined,
    { isHeard, isOpen } = { isHeard: false, isOpen: false },
  ) {
    this.#loader = loader;
    this.#opened = opened;
    this.isHeard = isHeard;
    this.isOpen = isOpen;
  }

  /** Alerts are being raised: the workflow must not end before they are. */
  get isRaising(): boolean {
    return this.#raising > 0;
  }

  /** @param occurrence what identifies the failure, if it is known; else the time does */
  parked({ batch, files, code, error, at }: ParkedInfo, occurrence: string | undefined): void {
    const loader = this.#loader;
    const number = String(batch);
    this.#raise(['parked', number, occurrence ?? at], {
      kind: 'waiting',
      what: `Batch ${batch} of loader ${loader} is parked: ${counted(files, 'file')} not loaded. Other files are loaded.`,
      cause: error,
      code,
      waits: true,
      ...next('Fix the cause, then', `tributary loader retry ${loader} ${batch}`),
    });
  }

  pausedItself({ reason, at }: { readonly reason: string; readonly at: string }): void {
    this.#raise(['paused', at], {
      kind: 'waiting',
      what: `Loader ${this.#loader} has paused itself: no files are loaded until it is resumed.`,
      cause: reason,
      waits: true,
      ...next(
        'Fix the cause, then',
        `tributary loader resume ${this.#loader}`,
        `tributary loader retry ${this.#loader}`,
      ),
    });
  }

  /** No batch is parked any more, and the loader is not paused. */
  recovered(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#raise(
      ['recovered', new Date(Date.now()).toISOString()],
      { kind: 'recovered', what: `Loader ${this.#loader} has no parked batches any more.` },
      'resolves its own',
    );
  }

  #raise(cause: readonly string[], raised: Raised, completion?: 'resolves its own'): void {
    const opened = this.#opened();
    if (completion === undefined) this.isOpen = true;
    if (!this.isHeard || opened === undefined) return;
    const { namespace, workflowId, runId } = workflowInfo();
    const { bucket, prefix } = opened.staging;
    const { cause: why } = raised;
    this.#raising++;
    void raiseAlert({
      event: {
        version: 1,
        id: eventId(['loader', namespace, workflowId, ...cause]),
        at: new Date(Date.now()).toISOString(),
        pipeline: this.#loader,
        isLoader: true,
        workflow: { namespace, workflowId, runId },
        ...raised,
        ...(why === undefined ? {} : { cause: asTyped(why) }),
      },
      staging: { bucket, prefix: loaderAlertsDirectory({ prefix, table: opened.table }) },
      ...(completion === undefined ? {} : { completion }),
    }).finally(() => {
      this.#raising--;
    });
  }
}

function next(fix: string, ...commands: readonly string[]): Pick<AlertEvent, 'next' | 'commands'> {
  return {
    next: asTyped(`${fix}: \`${commands.join(' && ')}\``),
    commands: commands.map(asTyped),
  };
}
