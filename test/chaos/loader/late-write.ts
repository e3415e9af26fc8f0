import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import type { WorkerHost } from '../worker-host.ts';
import type { LateWrite } from './schedule.ts';
import { claimedBatch, clientTokenOf, loadedBatch, loaderStepOf } from './steps.ts';

/** The batch whose write is held. */
export const HELD_BATCH = 1;
const LONGEST_WAIT_MS = 240_000;

/** What brings the rival about, and tells how far it is. */
export interface Scene {
  /** Whether a transaction that is submitted by this name belongs to this schedule. */
  isOurs(call: Call): boolean;
  /** More files arrive, and are in the inbox when this returns. */
  moreFilesWait(): Promise<void>;
  /** The file whose copy is held is overwritten. */
  overwrite(key: string): Promise<void>;
  /** Calls the second writer; then what is to happen to the first one happens. */
  bringRival(host: WorkerHost): Promise<void>;
  /** The second writer's transaction has committed. */
  rivalCommitted(): Promise<void>;
  /** No transaction can write to the ledger. @returns what ends that */
  holdLedger(): Promise<() => Promise<void>>;
  /** So many transactions wait for locks. */
  untilWaiting(transactions: number): Promise<void>;
  /** No transaction of a batch is running. */
  loadsEnded(): Promise<void>;
}

/**
 * Holds one call of a schedule until its rival is ahead or beside it, no matter how busy the machine is. The rival then
 * waits in its turn until the late write is done.
 */
export class HeldLoaderWrite {
  readonly #late: LateWrite;
  readonly #scene: Scene;
  readonly #mayArrive = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<void>();
  readonly #arrived = Promise.withResolvers<void>();
  readonly #rivalIsAhead = Promise.withResolvers<void>();
  /** Equal for the held call and the SDK's repetitions of it. */
  #writer: string | undefined;
  /** Why it was missed. */
  problem: string | undefined;
  state: 'not met' | 'held' | 'arrived' | 'missed' = 'not met';

  constructor(late: LateWrite, scene: Scene) {
    this.#late = late;
    this.#scene = scene;
  }

  /** The write is on its way, or held: nothing else may disturb it or its rival. */
  get isUnderWay(): boolean {
    return this.state === 'held';
  }

  /** Whether this call is the held one or a repetition of it. No other fault may hit it. */
  claims(service: Service, call: Call): boolean {
    if (this.state === 'arrived' || this.state === 'missed') return false;
    const writer = this.#writerOf(service, call);
    return writer !== undefined && (this.#writer === undefined || this.#writer === writer);
  }

  /** Await it before forwarding a call. */
  async asked(service: Service, call: Call, host: WorkerHost): Promise<void> {
    if (this.claims(service, call)) {
      if (this.#writer === undefined) {
        this.#writer = this.#writerOf(service, call);
        this.state = 'held';
        void this.#play(call, host).catch((error: unknown) => {
          this.problem = String(error);
          this.giveUp();
        });
        void setTimeout(LONGEST_WAIT_MS, undefined, { ref: false }).then(() => this.giveUp());
      }
      await this.#mayArrive.promise;
    } else if (
      this.state === 'held' &&
      this.#late.what === 'load' &&
      loaderStepOf(service, call) === 'close'
    ) {
      // Once the batch is closed, the copies are deleted that the late load reads.
      await this.#arrived.promise;
    }
  }

  /** Await it before forwarding the response to a call. */
  async answered(service: Service, call: Call): Promise<void> {
    if (this.state !== 'held') return;
    if (this.#writerOf(service, call) === this.#writer) this.#answered.resolve();
    else if (this.#late.what === 'claim' && claimedBatch(call) === HELD_BATCH) {
      this.#rivalIsAhead.resolve();
      await this.#arrived.promise;
    }
  }

  /** When the late write was done, or given up. */
  get over(): Promise<void> {
    return this.#arrived.promise;
  }

  /** Releases everything, because its rival did not arrive. */
  giveUp(): void {
    if (this.state === 'arrived') return;
    this.state = 'missed';
    for (const each of [this.#mayArrive, this.#answered, this.#rivalIsAhead, this.#arrived]) each.resolve();
  }

  async #play(call: Call, host: WorkerHost): Promise<void> {
    const scene = this.#scene;
    switch (this.#late.what) {
      case 'load': {
        await scene.bringRival(host);
        await scene.rivalCommitted();
        await this.#letArrive();
        await scene.loadsEnded();
        break;
      }
      case 'overlapping load': {
        const release = await scene.holdLedger();
        try {
          await scene.bringRival(host);
          await scene.untilWaiting(1);
          await this.#letArrive();
          await scene.untilWaiting(2);
        } finally {
          await release();
        }
        await scene.loadsEnded();
        break;
      }
      case 'claim': {
        await scene.moreFilesWait();
        await scene.bringRival(host);
        await this.#rivalIsAhead.promise;
        await this.#letArrive();
        break;
      }
      case 'copy': {
        const source = decodeURIComponent(String(call.headers['x-amz-copy-source'])).replace(/^\//, '');
        await scene.overwrite(source.slice(source.indexOf('/') + 1));
        await this.#letArrive();
        break;
      }
    }
    if (this.state !== 'held') return;
    this.state = 'arrived';
    this.#arrived.resolve();
  }

  async #letArrive(): Promise<void> {
    this.#mayArrive.resolve();
    await this.#answered.promise;
  }

  #writerOf(service: Service, call: Call): string | undefined {
    switch (this.#late.what) {
      case 'load':
      case 'overlapping load': {
        const isLoad = service === 'redshift-data' && loadedBatch(call) === HELD_BATCH;
        return isLoad && this.#scene.isOurs(call) ? clientTokenOf(call) : undefined;
      }
      case 'claim':
        return service === 's3' && claimedBatch(call) === HELD_BATCH ? String(call.body) : undefined;
      case 'copy':
        return service === 's3' && loaderStepOf(service, call) === 'copy' ? call.url : undefined;
    }
  }
}
