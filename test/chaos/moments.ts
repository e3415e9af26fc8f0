import type { Call } from '../../local/fault-proxy/http-fault-proxy.ts';

/** When something happens: when the n-th call (from 1) of a step is sent, or when it is done but not yet answered. */
export interface Moment<Step extends string> {
  readonly step: Step;
  readonly ordinal: number;
  readonly when: 'asked' | 'answered';
}

/** Something that happens at a moment. */
export interface At<Step extends string, Incident> {
  readonly at: Moment<Step>;
  readonly what: Incident;
}

/** Counts the calls of each step, and knows what happens at which. */
export class Moments<Step extends string, Incident> {
  readonly #incidents: readonly At<Step, Incident>[];
  readonly #calls = new Map<Step, number>();
  readonly #ordinalOf = new WeakMap<Call, number>();

  constructor(incidents: readonly At<Step, Incident>[]) {
    this.#incidents = incidents;
  }

  /** Counts a call that is sent. @returns its ordinal */
  count(step: Step, call: Call): number {
    const ordinal = (this.#calls.get(step) ?? 0) + 1;
    this.#calls.set(step, ordinal);
    this.#ordinalOf.set(call, ordinal);
    return ordinal;
  }

  /** What happens now, at a call that was counted. */
  incidentsAt(step: Step, call: Call, when: Moment<Step>['when']): Incident[] {
    const ordinal = this.#ordinalOf.get(call);
    return this.#incidents
      .filter(({ at }) => at.step === step && at.when === when && at.ordinal === ordinal)
      .map(({ what }) => what);
  }
}
