import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type {
  ResultOf,
  SegmentActivity,
  SegmentThreads,
  TaskOf,
  WorkKind,
} from '../../activities/runtime/segment-context.ts';
import { Transient } from '../../clients/errors.ts';
import { packageModule } from '../../installation/package-files.ts';
import { ThreadTask } from './thread-task.ts';

interface ThreadOptions {
  /** The most JavaScript heap of a thread, in megabytes. A thread that needs more is ended. */
  readonly heapMegabytes: number;
  /** The environment of the threads, from which they build their clients. */
  readonly environment: NodeJS.ProcessEnv;
  /** What a thread runs, which calls `serveSegments`. Default: clients at the environment's addresses. */
  readonly module?: string | URL;
  /** What the module finds as its `workerData`. */
  readonly data?: unknown;
  /** A thread with segments that gives no sign of life for this long is ended. Default: as long as Temporal waits. */
  readonly silentSeconds?: number;
}

interface ThreadsOptions extends ThreadOptions {
  /** The most threads. */
  readonly most: number;
}

const SILENT_SECONDS = 30;
/**
 * Small, because V8 then returns the memory of what was received and compressed sooner. The more of it can survive at once,
 * the likelier V8 ends the whole process when a thread reaches its limit, not only the thread.
 */
const YOUNG_MEGABYTES = 6;
/**
 * The old generation of a thread that V8 lets fill before it marks. V8 counts the memory of pages and compressed blocks,
 * which is outside of the heap: by its default, a thread marks its whole heap after every 6 MB of a table, which costs a
 * quarter of its CPU.
 */
const UNMARKED_MEGABYTES = 24;
/** The gap between two segments, or two runs that follow each other, is shorter. */
const IDLE_SECONDS = 60;

/**
 * The extraction threads of a worker: started when there are segments for them, replaced when they fail, and ended when
 * they have been idle. A segment goes to the thread that has the fewest; one that may have ended a thread gets its own.
 */
export class ExtractionThreads implements SegmentThreads {
  readonly #options: ThreadsOptions;
  readonly #threads = new Set<ExtractionThread>();

  constructor(options: ThreadsOptions) {
    this.#options = options;
  }

  run<Kind extends WorkKind>(
    kind: Kind,
    task: TaskOf<Kind>,
    activity: SegmentActivity,
    options: Parameters<SegmentThreads['run']>[3],
  ): Promise<ResultOf<Kind>> {
    return this.#threadFor(options.isSuspect).run(kind, task, activity, options);
  }

  /** The number of threads that are alive. */
  get size(): number {
    return this.#threads.size;
  }

  /** Ends all threads. Call it when no segment is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  /** The thread with the fewest segments. A suspect gets one of its own, even beyond the number of threads. */
  #threadFor(isSuspect: boolean): ExtractionThread {
    const { most } = this.#options;
    const [least] = [...this.#threads].sort(
      (a, b) => Number(a.hasSuspect) - Number(b.hasSuspect) || a.tasks - b.tasks,
    );
    const isAlone = isSuspect || least?.hasSuspect === true;
    const isEnough = this.#threads.size >= (isAlone ? 2 * most : most);
    if (least !== undefined && (least.tasks === 0 || isEnough)) return least;
    const thread = new ExtractionThread(this.#options, () => this.#threads.delete(thread));
    this.#threads.add(thread);
    return thread;
  }
}

class ExtractionThread {
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #tasks = new Set<Pick<ThreadTask, 'fail'>>();
  readonly #onEnd: () => void;
  #suspects = 0;
  #idle: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** Counted by a timer, not by a clock: a process that was frozen does not blame its threads. */
  #silentSeconds = 0;
  /** Starting takes as long as the host is busy, and is not watched. */
  #hasStarted = false;

  /** @param onEnd called when it takes no more segments */
  constructor(options: ThreadOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    // There is no such option of a Worker. The flags hold for threads that are started from now on.
    const unmarked = Math.min(UNMARKED_MEGABYTES, Math.floor(options.heapMegabytes / 4));
    setFlagsFromString(`--initial-old-space-size=${unmarked}`);
    // Pages and compressed blocks are freed soon. Otherwise V8 marks the heap whenever so many were made, whatever is left of them.
    setFlagsFromString('--external-memory-accounted-in-global-limit');
    // The main thread's flag would prevail over the thread's own limit.
    setFlagsFromString('--max-semi-space-size=0');
    const module = options.module ?? packageModule('src/workers/threads/extraction-thread.ts');
    this.#worker = new Worker(module, {
      name: 'extraction',
      env: options.environment,
      workerData: options.data,
      resourceLimits: {
        maxOldGenerationSizeMb: options.heapMegabytes,
        maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
      },
    });
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#lose(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(options.heapMegabytes) : error);
    });
    this.#worker.on('exit', (code) => this.#lose(threadLost(`ended with exit code ${code}.`)));
  }

  get tasks(): number {
    return this.#tasks.size;
  }

  get hasSuspect(): boolean {
    return this.#suspects > 0;
  }

  async run<Kind extends WorkKind>(
    kind: Kind,
    task: TaskOf<Kind>,
    activity: SegmentActivity,
    options: Parameters<SegmentThreads['run']>[3],
  ): Promise<ResultOf<Kind>> {
    const alive = () => {
      this.#hasStarted = true;
      this.#silentSeconds = 0;
    };
    const running = new ThreadTask(this.#worker, kind, task, activity, options, alive);
    if (this.#tasks.size === 0) this.#begin();
    this.#tasks.add(running);
    if (options.isSuspect) this.#suspects++;
    try {
      return await running.result;
    } finally {
      this.#tasks.delete(running);
      if (options.isSuspect) this.#suspects--;
      if (this.#tasks.size === 0) this.#rest();
    }
  }

  async end(): Promise<void> {
    this.#lose(threadLost('was ended.'));
    await this.#worker.terminate();
  }

  /** It has segments: watches it, and keeps the process alive. */
  #begin(): void {
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#silentSeconds = 0;
    const { silentSeconds = SILENT_SECONDS } = this.#options;
    this.#watch = setInterval(() => {
      if (this.#hasStarted) this.#silentSeconds++;
      if (this.#silentSeconds < silentSeconds) return;
      this.#lose(threadLost(`was frozen: it gave no sign of life for ${silentSeconds} s.`));
      void this.#worker.terminate();
    }, 1_000);
  }

  /** It has no segments: after a while it ends, which frees its memory. */
  #rest(): void {
    clearInterval(this.#watch);
    this.#worker.unref();
    this.#idle = setTimeout(() => void this.end(), IDLE_SECONDS * 1_000).unref();
  }

  /** It has ended or is about to. Its segments fail; others get another thread. */
  #lose(error: Error): void {
    this.#onEnd();
    clearTimeout(this.#idle);
    for (const task of this.#tasks) task.fail(error);
  }
}

function outOfMemory(heapMegabytes: number): Transient {
  return threadLost(
    `ran out of memory: it needed more than ${heapMegabytes} MB of heap. If this happens again, set ` +
      'TRIBUTARY_EXTRACT_HEAP_MB to more, or TRIBUTARY_EXTRACT_SLOTS to less.',
  );
}

/** @param how the sentence continues after its subject */
function threadLost(how: string): Transient {
  return new Transient(
    'ThreadLost',
    `The thread that extracted the segment ${how} The segment resumes from its last checkpoint in a new thread.`,
  );
}
