import { Buffer } from 'node:buffer';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { rowLine } from '../pipeline/datasets/parquet/row-line.ts';
import { declaredRow, RowRefused } from '../pipeline/datasets/records/declared-row.ts';
import type { StepContext, StepRow } from '../pipeline/datasets/records/step-context.ts';
import { fixClock } from './fixed-clock.ts';
import { loadBundle } from './load-bundle.ts';
import type { FromStep, StepRows, StepStart, ToStep } from './step-messages.ts';
import { rowMaker } from './step-rows.ts';

/** What a step's thread runs: the module's function, once. Rows go in and out in blocks, so that memory is bounded. */

const BLOCK_CHARACTERS = 256 * 1024;

/** Texts of rows, posted in blocks. */
class Lines {
  readonly #post: (text: string) => Promise<void>;
  #text = '';

  constructor(post: (text: string) => Promise<void>) {
    this.#post = post;
  }

  async add(line: string): Promise<void> {
    this.#text += line;
    if (this.#text.length >= BLOCK_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') await this.#post(text);
  }
}

class StepThread {
  readonly #port: MessagePort;
  readonly #start: StepStart;
  readonly #wanted = new Map<number, (rows: StepRows | undefined) => void>();
  #written: () => void = () => {};
  #loops = 0;

  constructor(port: MessagePort, start: StepStart) {
    this.#port = port;
    this.#start = start;
    port.on('message', (message: ToStep) => {
      if (message.kind === 'written') return this.#written();
      this.#wanted.get(message.loop)?.(message.rows);
      this.#wanted.delete(message.loop);
    });
  }

  async run(): Promise<FromStep> {
    const { code, file, nowMs } = this.#start;
    let made: unknown;
    fixClock(nowMs);
    try {
      made = loadBundle(code, file).default;
    } catch (error) {
      return { kind: 'unusable', message: stackOf(error) };
    }
    if (typeof made !== 'function')
      return { kind: 'unusable', message: 'its default export is not a function' };
    try {
      await this.#write(await (made as (context: StepContext) => unknown)(this.#context()));
      return { kind: 'done' };
    } catch (error) {
      return { kind: 'failed', message: error instanceof RowRefused ? error.message : stackOf(error) };
    }
  }

  #context(): StepContext {
    const { partition, timezone, nowMs, inputs } = this.#start;
    const tables = Object.fromEntries(
      Object.entries(inputs).map(([input, columns]) => {
        const rowsOf = rowMaker(input, columns);
        return [input, { [Symbol.asyncIterator]: () => this.#loop(input, rowsOf) }];
      }),
    );
    const named = new Proxy(tables, {
      get(target, name): unknown {
        if (typeof name === 'symbol' || Object.hasOwn(target, name) || name === 'then')
          return Reflect.get(target, name);
        throw new TypeError(`${name} is not among the inputs: ${Object.keys(target).join(', ')}`);
      },
    });
    return { partition, timezone, now: new Date(nowMs), inputs: named };
  }

  async *#loop(input: string, rowsOf: (rows: StepRows) => StepRow[]): AsyncGenerator<StepRow> {
    const loop = this.#loops++;
    try {
      for (;;) {
        const rows = await new Promise<StepRows | undefined>((resolve) => {
          this.#wanted.set(loop, resolve);
          this.#send({ kind: 'want', loop, input });
        });
        if (rows === undefined) return;
        yield* rowsOf(rows);
      }
    } finally {
      this.#send({ kind: 'left', loop });
    }
  }

  async #write(rows: unknown): Promise<void> {
    const { columns, timezone } = this.#start;
    if (!isIterable(rows))
      throw new TypeError('a step must return rows: a list, or a generator that yields them');
    const cellsOf = declaredRow(columns, timezone);
    const lines = new Lines(
      (text) =>
        new Promise((resolve) => {
          this.#written = resolve;
          this.#send({ kind: 'lines', text: Buffer.from(text) });
        }),
    );
    let number = 0;
    for await (const row of rows) {
      number++;
      try {
        await lines.add(rowLine(columns, { cells: cellsOf(row), input: 0 }));
      } catch (error) {
        if (error instanceof RowRefused || error instanceof RangeError)
          throw new RowRefused(`row ${number}: ${error.message}`);
        throw error;
      }
    }
    await lines.flush();
  }

  #send(message: FromStep): void {
    this.#port.postMessage(message);
  }
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

if (parentPort !== null) {
  const port = parentPort;
  void new StepThread(port, workerData as StepStart).run().then((answer) => {
    port.postMessage(answer satisfies FromStep);
  });
}
