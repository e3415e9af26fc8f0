import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import type { HeldScript, Rival } from '../held-call.ts';
import type { WorkerHost } from '../worker-host.ts';
import { LATE_DAY } from './generated-records.ts';
import { pointedPartition } from './steps.ts';

/** What brings the rival about, and waits until it is ahead. */
export interface PointerScene {
  /** A file arrives that has rows of every day. */
  moreArrives(): Promise<void>;
  /** Another writer comes, and publishes the rows of that file in this partition; its intake is closed when this returns. */
  rivalPublishes(partition: string, host: WorkerHost): Promise<void>;
}

/** Holds the first pointer of a schedule until another writer has published more, and has closed what it took. */
export class LatePointer implements HeldScript {
  readonly #scene: PointerScene;
  #first: string | undefined;

  constructor(scene: PointerScene) {
    this.#scene = scene;
  }

  /** The bytes of the pointer name its writer: they have the random id of the generation. */
  writerOf(service: Service, call: Call): string | undefined {
    const partition = service === 's3' ? pointedPartition(call) : undefined;
    // The rival's file has no rows of the late day.
    if (partition === undefined || partition.includes(LATE_DAY)) return undefined;
    this.#first ??= partition;
    return partition === this.#first ? String(call.body) : undefined;
  }

  waits(): boolean {
    return false;
  }

  async play(held: Call, host: WorkerHost, rival: Rival): Promise<void> {
    const scene = this.#scene;
    await scene.moreArrives();
    await scene.rivalPublishes(pointedPartition(held) ?? '', host);
    await rival.letArrive();
  }
}
