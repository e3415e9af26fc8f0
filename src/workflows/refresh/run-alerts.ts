import { patched, workflowInfo } from '@temporalio/workflow';
import { failedLines } from '../../contract/failed-parts.ts';
import type { RefreshInput, RefreshResult } from '../../contract/refresh.ts';
import type { RunOverview, SealedRun } from '../../contract/refresh-activities.ts';
import { failedParts, partsOf, situationOf } from '../../contract/run-situation.ts';
import type { AlertEvent, AlertKind } from '../../pipeline/alerts/alert-event.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import type { FailureCode } from '../../pipeline/failure/failure-codes.ts';
import type { CheckResult } from '../../pipeline/run/check-result.ts';
import { type NextStep, nextStep, nextStepText, placeOf } from '../../pipeline/run/outcome.ts';
import { reportPageKey } from '../../pipeline/run/run-directory.ts';
import { count, counted } from '../../pipeline/text/measures.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { raiseAlert } from '../alerts/raise-alert.ts';
import { asTyped } from '../as-typed.ts';
import type { RunProgress } from './run-progress.ts';

/** Failures that are events of their own kind. All others are `failed`. */
const KINDS: Readonly<Partial<Record<FailureCode, AlertKind>>> = {
  SchemaDrifted: 'drifted',
  TooManyRejects: 'setAside',
};

/** How many failed parts an alert names. */
const SHOWN = 5;

type Raised = Pick<AlertEvent, 'kind' | 'what'> & Partial<AlertEvent>;

/**
 * The alerts of one run: which events there are, and what identifies each. A run whose worker has no destinations raises
 * none, except if it fails before it knows that.
 */
export class RunAlerts {
  readonly #pipeline: string;
  readonly #progress: RunProgress;
  readonly #options: readonly string[];
  readonly #input: RefreshInput;
  #overview: RunOverview | undefined;
  #waits = 0;

  /** @param options what commands that resume the run need: see `resumeOptions` */
  constructor(of: {
    readonly input: RefreshInput;
    readonly progress: RunProgress;
    readonly options: readonly string[];
  }) {
    this.#input = of.input;
    this.#pipeline = of.input.pipeline;
    this.#progress = of.progress;
    this.#options = of.options;
  }

  /** Called once the run is planned or opened. */
  about(overview: RunOverview): void {
    this.#overview = overview;
  }

  /** The run begins to wait for an operator. Does not wait itself. Identified by the failures. */
  waiting(): void {
    this.#waits++;
    const { fanOut } = this.#progress;
    const now = this.#progress.snapshot();
    const parts = partsOf(now.phase, now);
    if (this.#overview?.alerts === undefined || parts === undefined || fanOut === undefined) return;
    const { kind, fan } = parts;
    const lines = failedLines(kind, fan, onOneLine);
    const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more`] : [];
    const [first] = failedParts(now);
    void this.#raise(['waiting', ...this.#workflow(), String(this.#waits), ...fanOut.failures()], {
      kind: kind === 'check' ? 'checkFailed' : 'waiting',
      what: `Run ${now.run} of ${this.#pipeline} waits for you in ${now.phase}: ${count(fan.failed)} of ${counted(fan.total, kind)} failed.`,
      cause: [...lines.slice(0, SHOWN), ...more].join('\n'),
      ...(first?.code === undefined ? {} : { code: first.code }),
      phase: now.phase,
      waits: true,
      ...nextOf(nextStep(situationOf(now, this.#options))),
    });
  }

  /** All checks have passed, or only warn. Identified by what they were run on. Does not wait. */
  checked(stagingSchema: string, results: readonly CheckResult[]): void {
    const warned = results.filter(({ outcome }) => outcome === 'warned');
    if (this.#overview?.alerts === undefined || warned.length === 0) return;
    const { run, bucket, prefix } = this.#overview.ref;
    const names = warned.map(({ check }) => check);
    const of = [workflowInfo().namespace, bucket, prefix, this.#pipeline, run, stagingSchema];
    void this.#raise(['checkWarned', ...of, ...names], {
      kind: 'checkFailed',
      what: `${counted(warned.length, 'check')} of run ${run} of ${this.#pipeline} found something and only ${warned.length === 1 ? 'warns' : 'warn'}: the run continues.`,
      cause: warned.map(({ check, found = '' }) => `${check}: ${onOneLine(found)}`).join('\n'),
      phase: 'verify',
      ...nextOf({
        fix: 'To see all checks',
        commands: [`tributary report ${run}`],
        resumes: false,
      }),
    });
  }

  /**
   * The run ends in failure. Returns when the alert cannot be lost any more. Identified by what failed, which a reset may
   * leave in the history, else by the execution, which ends once.
   */
  async failed({
    run,
    type,
    message,
    occurrence = workflowInfo().runId,
    step,
  }: {
    readonly run: string | undefined;
    readonly type: string;
    readonly message: string;
    readonly occurrence: string | undefined;
    readonly step: NextStep | undefined;
  }): Promise<void> {
    const isKnown = this.#overview !== undefined;
    if (isKnown ? this.#overview?.alerts === undefined : !patched('alert-of-a-run-without-plan')) return;
    if (typeof this.#pipeline !== 'string') return;
    const { phase } = this.#progress.snapshot();
    const kind = Object.hasOwn(KINDS, type) ? KINDS[type as FailureCode] : undefined;
    await this.#raise(['failed', ...this.#workflow(), occurrence], {
      kind: kind ?? 'failed',
      what: `${run === undefined ? `A run of ${this.#pipeline}` : `Run ${run} of ${this.#pipeline}`} failed ${placeOf(phase, type)}.`,
      cause: message,
      code: type,
      phase,
      endedRun: true,
      ...(run === undefined ? {} : { run }),
      ...nextOf(step),
    });
  }

  /** The run is sealed: what drifted, and what was set aside. Identified by the manifest. */
  async sealed({ sealedAt, drift, rejects, items }: SealedRun): Promise<void> {
    if (this.#overview?.alerts === undefined || sealedAt === undefined) return;
    const { run, bucket, prefix } = this.#overview.ref;
    const of = [workflowInfo().namespace, bucket, prefix, this.#pipeline, run, sealedAt];
    const changes = [
      [drift.newTables, 'new table'],
      [drift.newColumns, 'new column'],
      [drift.widened, 'wider column'],
      [drift.retyped ?? 0, 'column of another type'],
      [drift.renamed ?? 0, 'renamed table or column'],
      [drift.newlyGone ?? drift.gone, 'column that has no values any more'],
    ] as const;
    const drifted = changes.filter(([n]) => n > 0).map(([n, what]) => `${count(n)} × ${what}`);
    if (drifted.length > 0 && drift.revision > 1) {
      await this.#raise(['drifted', ...of], {
        kind: 'drifted',
        what: `The data of ${this.#pipeline} differs from the agreed schema in run ${run}, which continues.`,
        cause: drifted.join('\n'),
        phase: 'seal',
        ...nextOf({ fix: 'To see what changed', commands: [`tributary report ${run}`], resumes: false }),
      });
    }
    if (rejects > 0) {
      await this.#raise(['setAside', ...of], {
        kind: 'setAside',
        what: `Run ${run} of ${this.#pipeline} set aside ${counted(rejects, 'item')} of ${count(items)}, and continues.`,
        phase: 'seal',
        ...nextOf({
          fix: 'To see them and the reasons',
          commands: [`tributary rejects ${run}`],
          resumes: false,
        }),
      });
    }
  }

  /** The run has completed. Whether that is a recovery is decided by what is open for the pipeline. */
  async completed(status: RefreshResult['status']): Promise<void> {
    if (this.#overview?.alerts === undefined) return;
    const { run } = this.#overview.ref;
    await this.#raise(
      ['completed', ...this.#workflow(), workflowInfo().runId],
      {
        kind: 'recovered',
        what:
          status === 'replaced'
            ? `Run ${run} of ${this.#pipeline} has completed, and live holds its data.`
            : `Run ${run} of ${this.#pipeline} has completed up to ${status}, as requested.`,
      },
      status === 'replaced' ? 'resolves all' : 'resolves its own',
    );
  }

  #workflow(): string[] {
    const { namespace, workflowId, firstExecutionRunId } = workflowInfo();
    return [namespace, workflowId, firstExecutionRunId];
  }

  async #raise(cause: readonly string[], raised: Raised, completion?: 'resolves all' | 'resolves its own') {
    const { namespace, workflowId, runId } = workflowInfo();
    const ref = this.#overview?.ref;
    const staging = ref ?? this.#input.definition?.staging;
    await raiseAlert({
      event: {
        version: 1,
        id: eventId(cause),
        at: new Date(Date.now()).toISOString(),
        pipeline: this.#pipeline,
        ...(ref === undefined ? {} : { run: ref.run, report: `s3://${ref.bucket}/${reportPageKey(ref)}` }),
        workflow: { namespace, workflowId, runId },
        ...raised,
        ...(raised.cause === undefined ? {} : { cause: asTyped(raised.cause) }),
      },
      ...(staging === undefined ? {} : { staging: { bucket: staging.bucket, prefix: staging.prefix } }),
      ...(completion === undefined ? {} : { completion }),
    });
  }
}

/** What to do, with the commands as the operator types them. */
function nextOf(step: NextStep | undefined): Pick<AlertEvent, 'next' | 'commands'> {
  if (step === undefined) return {};
  return { next: asTyped(nextStepText(step)), commands: step.commands.map(asTyped) };
}
