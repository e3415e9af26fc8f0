import { log } from '@temporalio/workflow';
import type { Supervisor } from './supervise.ts';

/** What the signals of a fan-out's children must hold to be believed. */
export interface ChildMessage {
  /** Where a message names its child: by a number from 0, or by a text. */
  readonly child: 'segment' | 'table';
  /** Numbers that a child that is done must tell. */
  readonly counts: readonly string[];
}

type Message = Readonly<Record<string, unknown>>;

/**
 * What a fan-out's children say of themselves by signal. Anybody can send these signals, an empty one is a click away
 * in the Web UI, and a handler that throws holds its workflow up for good: what does not fit is logged and left.
 */
export class FanOutMessages<Output> {
  readonly #shape: ChildMessage;
  #supervisor: Supervisor<Output> | undefined;
  #concerns: (output: Output) => boolean = () => true;

  constructor(shape: ChildMessage) {
    this.#shape = shape;
  }

  /** The fan-out, from its phase on. */
  get supervisor(): Supervisor<Output> | undefined {
    return this.#supervisor;
  }

  /** @param concerns whether a result is of this fan-out: one of a table loaded elsewhere is not. */
  begin(supervisor: Supervisor<Output>, concerns: (output: Output) => boolean = () => true): void {
    this.#supervisor = supervisor;
    this.#concerns = concerns;
  }

  /** A child says that it is done. */
  settled(message: unknown): void {
    const child = childIn(message, this.#shape);
    const output = message as Output;
    if (child === undefined || !hasCounts(message, this.#shape)) unread(message);
    else if (this.#concerns(output)) this.#supervisor?.reportSettled(child, output);
  }

  /** A child says that it failed. */
  failed(message: unknown): void {
    const child = childIn(message, this.#shape);
    if (child === undefined) unread(message);
    else this.#supervisor?.reportFailed(child, errorIn(message as Message));
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
