import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import type { HeldScript, Rival } from '../held-call.ts';
import type { WorkerHost } from '../worker-host.ts';
import type { LateWrite } from './schedule.ts';
import { claimedBatch, clientTokenOf, loadedBatch, loaderStepOf } from './steps.ts';

/** The batch whose write is held. */
export const HELD_BATCH = 1;

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

/** Holds one write of a loader until its rival is ahead or beside it. */
export class LateLoaderWrite implements HeldScript {
  readonly #late: LateWrite;
  readonly #scene: Scene;

  constructor(late: LateWrite, scene: Scene) {
    this.#late = late;
    this.#scene = scene;
  }

  writerOf(service: Service, call: Call): string | undefined {
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

  waits(service: Service, call: Call, when: 'asked' | 'answered'): boolean {
    switch (this.#late.what) {
      case 'load':
        // Once the batch is closed, the copies are deleted that the late load reads.
        return when === 'asked' && loaderStepOf(service, call) === 'close';
      case 'claim':
        return when === 'answered' && claimedBatch(call) === HELD_BATCH;
      case 'overlapping load':
      case 'copy':
        return false;
    }
  }

  async play(held: Call, host: WorkerHost, rival: Rival): Promise<void> {
    const scene = this.#scene;
    switch (this.#late.what) {
      case 'load':
        await scene.bringRival(host);
        await scene.rivalCommitted();
        await rival.letArrive();
        return scene.loadsEnded();
      case 'overlapping load': {
        const release = await scene.holdLedger();
        try {
          await scene.bringRival(host);
          await scene.untilWaiting(1);
          await rival.letArrive();
          await scene.untilWaiting(2);
        } finally {
          await release();
        }
        return scene.loadsEnded();
      }
      case 'claim':
        await scene.moreFilesWait();
        await scene.bringRival(host);
        await rival.isAhead;
        return rival.letArrive();
      case 'copy': {
        const source = decodeURIComponent(String(held.headers['x-amz-copy-source'])).replace(/^\//, '');
        await scene.overwrite(source.slice(source.indexOf('/') + 1));
        return rival.letArrive();
      }
    }
  }
}
