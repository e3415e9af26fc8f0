import { log, patched } from '@temporalio/workflow';
import type { Supervisor } from './supervise.ts';

/** What a signal of a fan-out's children must hold to be accepted. */
interface ChildMessage {
  /** The property that names the child: a number from 0, or a text. */
  readonly child: 'segment' | 'table';
  /** The property that names what the child works for. Absent in signals of children that started under 0.1.0. */
  readonly of: 'run' | 'inference';
  /** Numbers that a settled child must report. */
  readonly counts: readonly string[];
}

type Message = Readonly<Record<string, unknown>>;

/** One fan-out, and which results belong to it. */
interface FanOutOf<Output> {
  readonly supervisor: Supervisor<Output>;
  /** The run's name, or the inference's. */
  readonly of: string;
  /** Whether a result belongs to this fan-out; that of a table loaded into another schema does not. Default: it does. */
  readonly concerns?: (output: Output) => boolean;
}

/**
 * What a fan-out's children report by signal. Anyone can send these signals (an empty one is a click away in the Web
 * UI), and a handler that throws blocks its workflow permanently: so a message that does not fit is logged and ignored.
 * Signals can also arrive before the fan-out begins: a child from before a reset of its parent may be done while the
 * parent is still planning.
 */
export class FanOutMessages<Output> {
  readonly #shape: ChildMessage;
  #fanOut: FanOutOf<Output> | undefined;
  /** Messages that arrived before the fan-out began. */
  readonly #early: (() => void)[] = [];

  constructor(shape: ChildMessage) {
    this.#shape = shape;
  }

  /** The fan-out's supervisor; undefined before its phase. */
  get supervisor(): Supervisor<Output> | undefined {
    return this.#fanOut?.supervisor;
  }

  begin(fanOut: FanOutOf<Output>): void {
    this.#fanOut = fanOut;
    const early = this.#early.splice(0);
    if (early.length > 0 && patched('hear-early-messages')) for (const deliver of early) deliver();
  }

  /** A child reports that it is done. */
  settled(message: unknown): void {
    const child = childIn(message, this.#shape);
    const output = message as Output;
    if (child === undefined || !hasCounts(message, this.#shape)) ignored(message);
    else
      this.#deliver(child, message as Message, ({ supervisor, concerns = () => true }) => {
        if (concerns(output)) supervisor.reportSettled(child, output);
      });
  }

  /** A child reports that it failed. */
  failed(message: unknown): void {
    const child = childIn(message, this.#shape);
    if (child === undefined) ignored(message);
    else
      this.#deliver(child, message as Message, ({ supervisor }) =>
        supervisor.reportFailed(child, errorIn(message as Message), typeIn(message as Message)),
      );
  }

  /**
   * Many runs use a fixed workflow id one after another, and so the ids of its children. A child of an earlier run may
   * have had the id that a child of this run needs; its message says that it has ended.
   */
  #deliver(child: string, message: Message, report: (fanOut: FanOutOf<Output>) => void): void {
    const fanOut = this.#fanOut;
    if (fanOut === undefined) {
      this.#early.push(() => this.#deliver(child, message, report));
      return;
    }
    const { [this.#shape.of]: of = fanOut.of } = message;
    if (of === fanOut.of) report(fanOut);
    else
      fanOut.supervisor.reportFailed(
        child,
        `a workflow of ${this.#shape.of} ${String(of)} had its id until now and did no work for this ${this.#shape.of}; retry it`,
      );
  }
}

function childIn(message: unknown, { child }: ChildMessage): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const name = (message as Message)[child];
  if (child === 'segment') return Number.isInteger(name) ? String(name) : undefined;
  return typeof name === 'string' ? name : undefined;
}

const errorIn = ({ error }: Message) => (typeof error === 'string' ? error : 'it did not report why');
const typeIn = ({ type }: Message) => (typeof type === 'string' ? type : undefined);

const hasCounts = (message: unknown, { counts }: ChildMessage) =>
  counts.every((name) => Number.isFinite((message as Message)[name]));

function ignored(message: unknown): void {
  log.warn('a signal that no child sends was ignored', {
    message: JSON.stringify(message)?.slice(0, 200),
  });
}
