import type { Clock } from './clock.ts';
import { DueHeap } from './due-heap.ts';
import { Fifo } from './fifo.ts';
import type { Message } from './message.ts';

/** How often the oldest messages are checked for their retention. */
const EXPIRY_CHECK_MS = 10_000;

interface BacklogOptions {
  readonly clock: Clock;
  retentionSeconds(): number;
  /** Called for each message that leaves. */
  left(message: Message): void;
}

/**
 * The messages of a queue and which of them are visible. Every operation takes constant or logarithmic time, however
 * many messages wait.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #messages = new Map<string, Message>();
  /** Visible messages, oldest first, among others that no longer are: these are skipped. */
  readonly #visible = new Fifo<Message>();
  /** When hidden messages become visible. */
  readonly #due = new DueHeap<{ readonly message: Message; readonly stamp: number }>();
  readonly #counts = { visible: 0, 'in flight': 0, delayed: 0, gone: 0 };
  #nextExpiryCheckMs = 0;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** As of the last `settle`. */
  get counts(): Readonly<Record<Message['state'], number>> {
    return this.#counts;
  }

  /** When the next hidden message may become visible; undefined if none is hidden. */
  get nextDueMs(): number | undefined {
    return this.#due.first?.dueMs;
  }

  get(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  all(): Iterable<Message> {
    return this.#messages.values();
  }

  /** Adds a message, visible from `dueMs`. Default: at once. */
  add(message: Message, dueMs?: number): void {
    this.#messages.set(message.id, message);
    if (dueMs === undefined) this.show(message);
    else this.hide(message, 'delayed', dueMs);
  }

  show(message: Message): void {
    this.#enter(message, 'visible');
    this.#visible.push(message);
  }

  hide(message: Message, state: 'delayed' | 'in flight', dueMs: number): void {
    this.#enter(message, state);
    this.#due.push(dueMs, { message, stamp: message.stamp });
  }

  remove(message: Message): void {
    this.#messages.delete(message.id);
    this.#enter(message, 'gone');
    this.#options.left(message);
  }

  /**
   * Takes a visible message, which then counts as in flight; the caller decides until when.
   * @param depth how far behind the oldest one it is taken, from 0 to below 1
   */
  take(depth: () => number): Message | undefined {
    while (this.#counts.visible > 0) {
      const message = this.#visible.take(depth())!;
      if (message.state !== 'visible') continue;
      if (this.#isTooOld(message)) {
        this.remove(message);
        continue;
      }
      this.#enter(message, 'in flight');
      return message;
    }
    return undefined;
  }

  /** Shows what is due, and removes what is too old. */
  settle(): void {
    const nowMs = this.#options.clock.nowMs();
    for (let first = this.#due.first; first !== undefined; first = this.#due.first) {
      const { message, stamp } = first.value;
      const isCurrent = message.stamp === stamp;
      if (isCurrent && first.dueMs > nowMs) break;
      this.#due.pop();
      if (isCurrent) this.show(message);
    }
    // Not each time: a Map skips what was deleted from its front one by one.
    if (nowMs < this.#nextExpiryCheckMs) return;
    this.#nextExpiryCheckMs = nowMs + EXPIRY_CHECK_MS;
    for (const message of this.#messages.values()) {
      if (!this.#isTooOld(message)) break;
      this.remove(message);
    }
  }

  #isTooOld({ sentAtMs }: Message): boolean {
    return sentAtMs + this.#options.retentionSeconds() * 1000 <= this.#options.clock.nowMs();
  }

  #enter(message: Message, state: Message['state']): void {
    this.#counts[message.state] -= 1;
    this.#counts[state] += 1;
    message.state = state;
    message.stamp += 1;
  }
}
