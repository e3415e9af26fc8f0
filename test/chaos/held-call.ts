import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../local/fault-proxy/services.ts';
import type { WorkerHost } from './worker-host.ts';

/** On a quiet machine. */
const LONGEST_WAIT_MS = 240_000;

type When = 'asked' | 'answered';

/** Which call is held, and what happens meanwhile. */
export interface HeldScript {
  /** Names the writer of a call that may be held: equal for a call and the SDK's repetitions of it. Undefined for all others. */
  writerOf(service: Service, call: Call): string | undefined;
  /** Whether a call of the rival waits now until the held one is done. */
  waits(service: Service, call: Call, when: When, held: Call): boolean;
  /** Brings the rival, and lets the held call arrive when it is ahead. */
  play(held: Call, host: WorkerHost, rival: Rival): Promise<void>;
}

/** The second writer, which the script has brought. */
export interface Rival {
  /** A call of it waits. */
  readonly isAhead: Promise<void>;
  /** Forwards the held call. @returns once the service has answered */
  letArrive(): Promise<void>;
}

/**
 * Holds one call of a schedule until its rival is ahead or beside it, no matter how busy the machine is. The rival then
 * waits in its turn until the late write is done.
 */
export class HeldCall {
  readonly #script: HeldScript;
  readonly #patience: number;
  readonly #mayArrive = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<void>();
  readonly #arrived = Promise.withResolvers<void>();
  readonly #rivalIsAhead = Promise.withResolvers<void>();
  #writer: string | undefined;
  #held: Call | undefined;
  /** Why it was missed. */
  problem: string | undefined;
  state: 'not met' | 'held' | 'arrived' | 'missed' = 'not met';

  /** @param patience how many times as long as on a quiet machine it is held at most */
  constructor(script: HeldScript, patience = 1) {
    this.#script = script;
    this.#patience = patience;
  }

  /** The write is on its way, or held: nothing else may disturb it or its rival. */
  get isUnderWay(): boolean {
    return this.state === 'held';
  }

  get isOver(): boolean {
    return this.state === 'arrived' || this.state === 'missed';
  }

  /** When the late write was done, or given up. */
  get over(): Promise<void> {
    return this.#arrived.promise;
  }

  /** Whether this call is the held one or a repetition of it. No other fault may hit it. */
  claims(service: Service, call: Call): boolean {
    if (this.isOver) return false;
    const writer = this.#script.writerOf(service, call);
    return writer !== undefined && (this.#writer === undefined || this.#writer === writer);
  }

  /** Await it before forwarding a call. */
  async asked(service: Service, call: Call, host: WorkerHost): Promise<void> {
    if (this.claims(service, call)) {
      if (this.#writer === undefined) this.#hold(service, call, host);
      await this.#mayArrive.promise;
    } else await this.#turn(service, call, 'asked');
  }

  /** Await it before forwarding the response to a call. */
  async answered(service: Service, call: Call): Promise<void> {
    if (this.state !== 'held') return;
    if (this.#script.writerOf(service, call) === this.#writer) this.#answered.resolve();
    else await this.#turn(service, call, 'answered');
  }

  /** Releases everything, because its rival did not arrive. */
  giveUp(): void {
    if (this.isOver) return;
    this.state = 'missed';
    for (const each of [this.#mayArrive, this.#answered, this.#rivalIsAhead, this.#arrived]) each.resolve();
  }

  #hold(service: Service, call: Call, host: WorkerHost): void {
    this.#writer = this.#script.writerOf(service, call);
    this.#held = call;
    this.state = 'held';
    void this.#play(call, host).catch((error: unknown) => {
      this.problem = String(error);
      this.giveUp();
    });
    void setTimeout(LONGEST_WAIT_MS * this.#patience, undefined, { ref: false }).then(() => this.giveUp());
  }

  async #play(call: Call, host: WorkerHost): Promise<void> {
    await this.#script.play(call, host, {
      isAhead: this.#rivalIsAhead.promise,
      letArrive: async () => {
        this.#mayArrive.resolve();
        await this.#answered.promise;
      },
    });
    if (this.state !== 'held') return;
    this.state = 'arrived';
    this.#arrived.resolve();
  }

  async #turn(service: Service, call: Call, when: When): Promise<void> {
    if (this.state !== 'held' || !this.#script.waits(service, call, when, this.#held as Call)) return;
    this.#rivalIsAhead.resolve();
    await this.#arrived.promise;
  }
}
