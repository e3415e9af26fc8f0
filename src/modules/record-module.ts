import type { Worker } from 'node:worker_threads';
import { beginningOf, type RawRecord, RawRecords } from '../pipeline/datasets/records/raw-records.ts';
import { someLines, type WholeLines } from '../pipeline/datasets/records/whole-lines.ts';
import { inSourceFiles } from './bundle-module.ts';
import { ModuleUnusable } from './module-unusable.ts';
import { moduleWorker } from './module-worker.ts';
import type {
  DescribedColumn,
  FromThread,
  LineBlock,
  LineContext,
  LineRules,
  ReadBlock,
  RejectedRecord,
  ThreadStart,
  ToThread,
} from './thread-messages.ts';

export interface ModuleLimits {
  /** For one block. */
  readonly blockSeconds: number;
  readonly memoryMegabytes: number;
  /** For starting the thread and loading the module, which takes seconds on a busy machine. Default: 120. */
  readonly loadSeconds?: number;
}

interface ModuleSettings {
  /** Its name in errors. */
  readonly file: string;
  /** Whose days columns of type `date` have. */
  readonly timezone: string;
  readonly limits: ModuleLimits;
  /** For `readLines`. */
  readonly lines?: LineRules | undefined;
}

/** A part of a block that was read together, or a record that exceeded the limits alone. */
interface Part<Block> {
  /** The index of its first record in the block. */
  readonly first: number;
  readonly block?: Block;
  readonly rejects: readonly RejectedRecord[];
}

/** What whole lines gave. */
interface ReadWholeLines {
  readonly parts: readonly Part<LineBlock>[];
  /** In all parts. */
  readonly records: number;
  /** The first line, counted from 0, that is no record. */
  readonly refused: number | undefined;
}

const LOAD_SECONDS = 120;

/** Why a thread had to be ended. */
type Exceeded = 'time' | 'memory' | 'exit';

/**
 * A record module that runs in a thread of its own, within limits on time and memory. It reads one block at a time. If a block
 * exceeds the limits, the record that was being read is tried alone, and set aside if it exceeds them alone.
 */
export class RecordModule {
  readonly columns: readonly DescribedColumn[];
  readonly #start: ThreadStart;
  readonly #limits: ModuleLimits;
  readonly #progress: Int32Array;
  #worker: Worker | undefined;

  private constructor(start: ThreadStart, limits: ModuleLimits, { worker, columns }: Started) {
    this.#start = start;
    this.#limits = limits;
    this.#progress = new Int32Array(start.progress);
    this.#worker = worker;
    this.columns = columns;
  }

  /** @param code as `bundleModule` makes it @throws ModuleUnusable */
  static async load(code: string, { file, timezone, limits, lines }: ModuleSettings): Promise<RecordModule> {
    const progress = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const start = { code, file, timezone, lines, progress };
    return new RecordModule(start, limits, await startThread(start, limits));
  }

  /** The rows and the rejects of a block, each in the order of the records. */
  async read(records: readonly RawRecord[]): Promise<ReadBlock> {
    const parts = await this.#read<ReadBlock>(records, (some) => ({ records: some }));
    return {
      rows: parts.flatMap(({ first, block }) =>
        (block?.rows ?? []).map((row) => ({ ...row, index: first + row.index })),
      ),
      rejects: parts.flatMap(({ rejects }) => rejects),
    };
  }

  /** The same, as lines for the engine: usually one part, more if records exceeded the limits. */
  readLines(records: readonly RawRecord[], context: LineContext): Promise<readonly Part<LineBlock>[]> {
    return this.#read<LineBlock>(records, (some) => ({ records: some, context }));
  }

  /** The same of whole lines, up to the first that is no record. */
  async readWholeLines(lines: WholeLines, context: LineContext): Promise<ReadWholeLines> {
    const { bytes, ends } = lines;
    const copy = new Uint8Array(bytes);
    const result = await this.#tryBlock<LineBlock>({ lines: { ...lines, bytes: copy }, context }, [
      copy.buffer,
    ]);
    if (typeof result !== 'string') {
      const { rejects, records, refused } = result;
      return { parts: [{ first: 0, block: result, rejects }], records, refused };
    }
    if (ends.length === 1) {
      const found = new RawRecords(lines.line);
      const records = [...found.push(bytes), ...found.finish()];
      return { parts: await this.readLines(records, context), records: records.length, refused: undefined };
    }
    const parts: Part<LineBlock>[] = [];
    let records = 0;
    for (const [from, to] of divided(ends.length, this.#progress[0]!)) {
      const some = await this.readWholeLines(someLines(lines, from, to), context);
      for (const { first, rejects, ...part } of some.parts)
        parts.push({
          ...part,
          first: first + records,
          rejects: rejects.map((each) => movedBy(records, each)),
        });
      records += some.records;
      if (some.refused !== undefined) return { parts, records, refused: from + some.refused };
    }
    return { parts, records, refused: undefined };
  }

  async #read<Block extends ReadBlock | LineBlock>(
    records: readonly RawRecord[],
    message: (records: readonly RawRecord[]) => ToThread,
    first = 0,
  ): Promise<Part<Block>[]> {
    const result = await this.#tryBlock<Block>(message(records));
    const moved = (reject: RejectedRecord) => movedBy(first, reject);
    if (typeof result !== 'string') return [{ first, block: result, rejects: result.rejects.map(moved) }];
    if (records.length === 1)
      return [{ first, rejects: [moved(rejectOf(records[0]!, result, this.#limits))] }];
    const parts: Part<Block>[] = [];
    for (const [from, to] of divided(records.length, this.#progress[0]!))
      for (const part of await this.#read<Block>(records.slice(from, to), message, first + from))
        parts.push(part);
    return parts;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #tryBlock<Block extends ReadBlock | LineBlock>(
    message: ToThread,
    transferred: readonly ArrayBuffer[] = [],
  ): Promise<Block | Exceeded> {
    this.#worker ??= (await startThread(this.#start, this.#limits)).worker;
    const worker = this.#worker;
    Atomics.store(this.#progress, 0, 0);
    worker.postMessage(message, transferred);
    const answer = await answered(worker, this.#limits.blockSeconds);
    if (typeof answer !== 'string' && 'block' in answer) return answer.block as Block;
    this.#worker = undefined;
    await worker.terminate();
    return typeof answer === 'string' ? answer : 'exit';
  }
}

/**
 * A block that exceeded the limits at a record, in smaller parts: what is before it in halves, because all of it may have been
 * too slow together; the record; and what is after it.
 */
function divided(count: number, at: number): (readonly [from: number, to: number])[] {
  const middle = Math.ceil(at / 2);
  const parts = [
    [0, middle],
    [middle, at],
    [at, at + 1],
    [at + 1, count],
  ] as const;
  return parts.filter(([from, to]) => from < to);
}

const movedBy = (records: number, reject: RejectedRecord): RejectedRecord => ({
  ...reject,
  index: records + reject.index,
});

interface Started {
  readonly worker: Worker;
  readonly columns: readonly DescribedColumn[];
}

async function startThread(start: ThreadStart, limits: ModuleLimits): Promise<Started> {
  const worker = moduleWorker('src/modules/module-thread.ts', start, limits.memoryMegabytes);
  worker.unref();
  const { loadSeconds = LOAD_SECONDS } = limits;
  const answer = await answered(worker, loadSeconds);
  if (typeof answer !== 'string' && 'columns' in answer) return { worker, columns: answer.columns };
  await worker.terminate();
  const why =
    typeof answer === 'string'
      ? `it ${EXCEEDED[answer]({ ...limits, blockSeconds: loadSeconds })} while it was loaded`
      : undefined;
  const said = typeof answer !== 'string' && 'unusable' in answer ? answer.unusable : '';
  const { code, file } = start;
  throw new ModuleUnusable(`${file} cannot be used: ${why ?? (await inSourceFiles(said, file, code))}`);
}

const EXCEEDED: Readonly<Record<Exceeded, (limits: ModuleLimits) => string>> = {
  time: ({ blockSeconds }) => `took longer than ${blockSeconds} s`,
  memory: ({ memoryMegabytes }) => `needed more than ${memoryMegabytes} MB of memory`,
  exit: () => 'ended its thread',
};

const rejectOf = ({ line, text }: RawRecord, exceeded: Exceeded, limits: ModuleLimits): RejectedRecord => ({
  index: 0,
  line,
  reason: `the module ${EXCEEDED[exceeded](limits)} for this record`,
  raw: beginningOf(text),
});

/** The thread's next message; or why there is none. A promise that the module rejects later ends the thread, too. */
function answered(worker: Worker, seconds: number): Promise<FromThread | Exceeded> {
  return new Promise((resolve) => {
    const settle = (answer: FromThread | Exceeded) => {
      clearTimeout(timer);
      // Without a name, the listeners that start the port would be removed as well.
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      worker.on('error', () => undefined);
      resolve(answer);
    };
    const timer = setTimeout(() => settle('time'), seconds * 1000);
    worker.once('message', settle);
    worker.once('error', (error: Error & { readonly code?: string }) =>
      settle(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'exit'),
    );
    worker.once('exit', () => settle('exit'));
  });
}
