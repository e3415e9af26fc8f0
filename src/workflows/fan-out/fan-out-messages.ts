import { log, patched } from '@temporalio/workflow';
import type { Supervisor } from './supervise.ts';

/** What the signals of a fan-out's children must hold to be believed. */
interface ChildMessage {
  /** Where a message names its child: by a number from 0, or by a text. */
  readonly child: 'segment' | 'table';
  /** Where it names what the child works for. A child that began under 0.1.0 does not say. */
  readonly of: 'run' | 'inference';
  /** Numbers that a child that is done must tell. */
  readonly counts: readonly string[];
}

type Message = Readonly<Record<string, unknown>>;

/** What one fan-out is, to tell what concerns it. */
interface FanOutOf<Output> {
  readonly supervisor: Supervisor<Output>;
  /** The run's name, or the inference's. */
  readonly of: string;
  /** Whether a result is of this fan-out: one of a table loaded elsewhere is not. */
  readonly concerns?: (output: Output) => boolean;
}

/**
 * What a fan-out's children say of themselves by signal. Anybody can send these signals, an empty one is a click away
 * in the Web UI, and a handler that throws holds its workflow up for good: what does not fit is logged and left. They
 * can come at any time, too: a child from before its parent was reset may be done while that one still plans.
 */
export class FanOutMessages<Output> {
  readonly #shape: ChildMessage;
  #fanOut: FanOutOf<Output> | undefined;
  /** What was heard before the fan-out began. */
  readonly #early: (() => void)[] = [];

  constructor(shape: ChildMessage) {
    this.#shape = shape;
  }

  /** The fan-out's supervisor, from its phase on. */
  get supervisor(): Supervisor<Output> | undefined {
    return this.#fanOut?.supervisor;
  }

  begin(fanOut: FanOutOf<Output>): void {
    this.#fanOut = fanOut;
    const early = this.#early.splice(0);
    if (early.length > 0 && patched('hear-early-messages')) for (const hear of early) hear();
  }

  /** A child says that it is done. */
  settled(message: unknown): void {
    const child = childIn(message, this.#shape);
    const output = message as Output;
    if (child === undefined || !hasCounts(message, this.#shape)) unread(message);
    else
      this.#hear(child, message as Message, ({ supervisor, concerns = () => true }) => {
        if (concerns(output)) supervisor.reportSettled(child, output);
      });
  }

  /** A child says that it failed. */
  failed(message: unknown): void {
    const child = childIn(message, this.#shape);
    if (child === undefined) unread(message);
    else
      this.#hear(child, message as Message, ({ supervisor }) =>
        supervisor.reportFailed(child, errorIn(message as Message)),
      );
  }

  /**
   * A fixed workflow id is that of many runs, one after another, and so are its children's. One of an earlier run may
   * hold the id of one that this run needs; it has just said that it ends.
   */
  #hear(child: string, message: Message, tell: (fanOut: FanOutOf<Output>) => void): void {
    const fanOut = this.#fanOut;
    if (fanOut === undefined) {
      this.#early.push(() => this.#hear(child, message, tell));
      return;
    }
    const { [this.#shape.of]: of = fanOut.of } = message;
    if (of === fanOut.of) tell(fanOut);
    else
      fanOut.supervisor.reportFailed(
        child,
        `a workflow of ${this.#shape.of} ${String(of)} had its id until now, and did nothing for this one: retry`,
      );
  }
}

function childIn(message: unknown, { child }: ChildMessage): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const name = (message as Message)[child];
  if (child === 'segment') return Number.isInteger(name) ? String(name) : undefined;
  return typeof name === 'string' ? name : undefined;
}

const errorIn = ({ error }: Message) => (typeof error === 'string' ? error : 'it did not say why');

const hasCounts = (message: unknown, { counts }: ChildMessage) =>
  counts.every((name) => Number.isFinite((message as Message)[name]));

function unread(message: unknown): void {
  log.warn('a signal that no child of ours sends was left', {
    message: JSON.stringify(message)?.slice(0, 200),
  });
}
