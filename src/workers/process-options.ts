import { availableParallelism } from 'node:os';
import { compiledCodeDirectory } from '../installation/compiled-code.ts';

/**
 * A worker's main thread makes little garbage, because threads of their own extract. By default, V8 keeps 45 MB of room
 * for it, which an idle worker never returns.
 */
const YOUNG_GENERATION = '--max-semi-space-size=2';

/**
 * Starts this process again with a worker's options for V8, Node and the allocator, which read them only once. The process id, the
 * arguments and the streams stay the same. Call it before anything else. Node keeps what it compiles, so that the next
 * worker and its threads start sooner and need not load a compiler.
 *
 * The user's own options prevail. Does nothing if the process was started over a channel, which would be lost, or on
 * Windows, which cannot do it.
 */
export function useWorkerOptions(): void {
  const { execPath, execArgv, argv, env, connected } = process;
  const isSet = [...execArgv, env.NODE_OPTIONS ?? ''].some((option) =>
    option.includes('--max-semi-space-size'),
  );
  if (isSet || connected) return;
  const words = [execPath, ...execArgv, YOUNG_GENERATION, ...argv.slice(1)];
  process.execve?.(execPath, words, {
    NODE_COMPILE_CACHE: compiledCodeDirectory(env),
    // By default, glibc keeps freed memory in up to eight arenas per core, returns what is free at the end of an arena
    // late, and never what is free in between. So there is one arena per two cores, and blocks as large as those that
    // Node reads from sockets are mapped one by one. musl ignores these settings.
    MALLOC_TRIM_THRESHOLD_: '131072',
    MALLOC_MMAP_THRESHOLD_: '65536',
    MALLOC_ARENA_MAX: String(Math.ceil(availableParallelism() / 2)),
    ...env,
  });
}
