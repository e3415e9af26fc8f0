import { setTimeout } from 'node:timers/promises';
import { WaitQueue } from '../../clients/wait-queue.ts';

/** A page has at most 1 MB, which takes several times as much once it is parsed. */
const PAGES_AT_ONCE = 12;

/**
 * The memory that the readers of one worker share. If it is used up, the reader that holds most is asked to cut early, and the
 * others wait: S3 is the buffer, and no change is dropped. Few pages are taken at once, however many readers there are.
 */
export class CutMemory {
  readonly #mostBytes: number;
  readonly #shares = new Set<CutShare>();
  readonly #forMemory = new WaitQueue();
  readonly #forPages = new WaitQueue();
  #pages = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get heldBytes(): number {
    let sum = 0;
    for (const { heldBytes } of this.#shares) sum += heldBytes;
    return sum;
  }

  /** A reader's share. */
  join(): CutShare {
    const share = new CutShare(this);
    this.#shares.add(share);
    return share;
  }

  leave(share: CutShare): void {
    this.#shares.delete(share);
    this.changed();
  }

  /** What the readers hold has changed. */
  changed(): void {
    if (this.heldBytes <= this.#mostBytes) {
      while (!this.#forMemory.isEmpty) this.#forMemory.releaseFirst();
      return;
    }
    const most = [...this.#shares].reduce((a, b) => (b.heldBytes > a.heldBytes ? b : a));
    most.ask();
  }

  /** Takes a page once there is memory for it. @throws the signal's reason */
  async page<T>(share: CutShare, take: () => Promise<T>, signal: AbortSignal): Promise<T | 'cut first'> {
    while (this.heldBytes > this.#mostBytes || this.#pages >= PAGES_AT_ONCE) {
      if (this.heldBytes <= this.#mostBytes) {
        await this.#forPages.wait(signal);
        continue;
      }
      // A place that it does not take is for the next one.
      this.#forPages.releaseFirst();
      this.changed();
      if (share.isAsked && share.heldBytes > 0) return 'cut first';
      await this.#forMemory.wait(AbortSignal.any([signal, share.asked])).catch(() => signal.throwIfAborted());
    }
    this.#pages++;
    try {
      return await take();
    } finally {
      this.#pages--;
      this.#forPages.releaseFirst();
    }
  }
}

/** What one reader holds. */
export class CutShare {
  readonly #memory: CutMemory;
  #heldBytes = 0;
  #asked = new AbortController();

  constructor(memory: CutMemory) {
    this.#memory = memory;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Aborted once it is asked to cut; another one after each cut. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** It is to cut now. */
  get isAsked(): boolean {
    return this.asked.aborted;
  }

  ask(): void {
    this.#asked.abort();
  }

  /** @param bytes that it holds now; 0 once it has cut */
  hold(bytes: number): void {
    this.#heldBytes = bytes;
    if (bytes === 0 && this.isAsked) this.#asked = new AbortController();
    this.#memory.changed();
  }

  /** Waits, at most until it is asked to cut or `ends` is aborted. */
  async pause(milliseconds: number, ends: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.asked, ends]);
    await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
  }

  leave(): void {
    this.#heldBytes = 0;
    this.#memory.leave(this);
  }
}
