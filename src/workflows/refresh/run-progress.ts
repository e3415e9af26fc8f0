import {
  type CatchUpProgress,
  PHASES,
  type Phase,
  type PhaseProgress,
  type Progress,
  type RefreshResult,
} from '../../contract/refresh.ts';
import type { CheckResult } from '../../pipeline/run/check-result.ts';
import type { WorkNow } from '../../pipeline/run/work-now.ts';
import type { FanOut } from '../fan-out/fan-out.ts';

/** Which phase a run is in, and since when. The caller passes the time, so that a replay gives the same answer. */
export class RunProgress {
  readonly #pipeline: string;
  readonly #phases = new Map<Phase, PhaseProgress>();
  #run: string | undefined;
  #phase: Phase | 'done';
  #status: RefreshResult['status'] | undefined;
  extract: FanOut | undefined;
  load: FanOut | undefined;
  checks: FanOut | undefined;
  readonly #checked = new Map<string, CheckResult>();
  knownItems: number | undefined;
  knownRows: number | undefined;
  dictionaries: Progress['dictionaries'];
  catchUp: CatchUpProgress | undefined;
  origin: string | undefined;
  #now: WorkNow | undefined;

  constructor(pipeline: string, wanted: readonly Phase[]) {
    this.#pipeline = pipeline;
    this.#phase = wanted[0] ?? 'plan';
    for (const phase of PHASES) {
      this.#phases.set(phase, { phase, state: wanted.includes(phase) ? 'not started' : 'skipped' });
    }
  }

  named(run: string): void {
    this.#run = run;
  }

  /** A phase that begins again resets the later ones: they must run again, and their earlier work does not count. */
  begin(phase: Phase, nowMs: number): void {
    this.#phase = phase;
    this.#now = undefined;
    for (const after of PHASES.slice(PHASES.indexOf(phase) + 1)) {
      if (this.#phases.get(after)?.state === 'running')
        this.#phases.set(after, { phase: after, state: 'not started' });
      if (after === 'load') this.load = undefined;
      if (after === 'verify') this.checks = undefined;
      if (after === 'replace') this.catchUp = undefined;
    }
    this.#phases.set(phase, { phase, state: 'running', startedAt: new Date(nowMs).toISOString() });
  }

  end(phase: Phase, nowMs: number): void {
    const startedAt = this.#phases.get(phase)?.startedAt ?? new Date(nowMs).toISOString();
    const seconds = Math.round((nowMs - Date.parse(startedAt)) / 100) / 10;
    this.#phases.set(phase, { phase, state: 'completed', startedAt, seconds });
  }

  finish(status: RefreshResult['status']): void {
    this.#now = undefined;
    this.#phase = 'done';
    this.#status = status;
  }

  /** What the current phase was seen doing just now; undefined if nothing runs. */
  saw(now: WorkNow | undefined): void {
    const fan = this.fanOut?.progress();
    this.#now = now && { ...now, ...(fan && { settled: { items: fan.items, bytes: fan.bytes } }) };
  }

  /** That of the current phase, if it has one. */
  get fanOut(): FanOut | undefined {
    if (this.#phase === 'extract') return this.extract;
    return this.#phase === 'load' ? this.load : this.#phase === 'verify' ? this.checks : undefined;
  }

  /** A check has ended. */
  checkEnded(result: CheckResult): void {
    this.#checked.set(result.check, result);
  }

  /** What the checks found, by name; undefined if there are none. */
  get checked(): readonly CheckResult[] | undefined {
    if (this.checks === undefined) return undefined;
    return [...this.#checked.values()].sort((a, b) => (a.check < b.check ? -1 : 1));
  }

  /** Whether the phase is still to come in this workflow. */
  ahead(phase: Phase): boolean {
    return this.#phases.get(phase)?.state === 'not started';
  }

  snapshot(): Progress {
    const fan = this.fanOut;
    return {
      pipeline: this.#pipeline,
      ...(this.#run === undefined ? {} : { run: this.#run }),
      phase: this.#phase,
      state: this.#phase === 'done' ? 'completed' : fan?.parked === true ? 'waiting' : 'running',
      ...(this.#status === undefined ? {} : { status: this.#status }),
      phases: [...this.#phases.values()],
      ...(this.extract === undefined ? {} : { extract: this.extract.progress() }),
      ...(this.load === undefined ? {} : { load: this.load.progress() }),
      ...(this.checks === undefined ? {} : { checks: this.checks.progress(), checked: this.checked ?? [] }),
      ...(this.catchUp === undefined ? {} : { catchUp: this.catchUp }),
      ...(this.origin === undefined ? {} : { origin: this.origin }),
      ...(this.knownItems === undefined ? {} : { knownItems: this.knownItems }),
      ...(this.knownRows === undefined ? {} : { knownRows: this.knownRows }),
      ...(this.#now === undefined ? {} : { now: this.#now }),
      ...(this.dictionaries === undefined ? {} : { dictionaries: this.dictionaries }),
    };
  }
}
