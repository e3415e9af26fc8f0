import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { LoaderProgress } from '../../contract/loader/loader.ts';
import type { WatchProgress } from '../../contract/loader/watch.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { seenWorkflow } from '../temporal/seen-workflow.ts';
import { NEEDED_BY_LOADERS, noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import { beginLoaders } from './begin-loaders.ts';
import { chosenLoaders, loadersHere } from './loaders-here.ts';

/** A worker answers sooner unless it is busy. */
const OPEN_SECONDS = 8;

export interface StartLoadersOptions {
  readonly all?: boolean;
  readonly config?: string;
}

/**
 * Starts what loads into the tables of these loaders and, then, what watches their queues and prefixes: each once, however
 * many loaders share it. What runs already is named.
 */
export async function startLoaders(
  names: readonly string[],
  options: StartLoadersOptions,
): Promise<ExitCode> {
  const { config } = options;
  const all = await loadersHere(config);
  const chosen = namedOrAll(chosenLoaders(all, names, config), names, options);
  return withTemporal(config, async (client) => {
    const begun: string[] = [];
    for await (const { workflowId, what, isNew } of beginLoaders(client, all, chosen)) {
      process.stdout.write(`${isNew ? 'started' : 'already running'}: ${what}\n`);
      begun.push(workflowId);
    }
    const missing = await queuesWithoutWorker(client, Date.now(), NEEDED_BY_LOADERS);
    if (missing.length > 0)
      process.stderr.write(`${paletteFor(process.stderr).yellow(noWorkerNote(missing))}\n`);
    else {
      const failures = await failuresAtOnce(client, begun);
      if (failures.length > 0) throw new CommandError(ExitCode.failed, failures.join('\n'));
    }
    const one = chosen.length === 1 ? ` ${chosen[0]}` : '';
    process.stdout.write(`See how it is doing: ${TRIBUTARY} loader status${one}${WITH_CONFIG}\n`);
    return ExitCode.done;
  });
}

/** A command changes all loaders only if it says so. @throws CommandError */
export function namedOrAll(
  chosen: readonly string[],
  names: readonly string[],
  { all = false }: { readonly all?: boolean },
): readonly string[] {
  if (all && names.length > 0)
    throw new CommandError(ExitCode.usage, '--all is every loader: omit the names, or --all.');
  if (!all && names.length === 0 && chosen.length > 1) {
    throw new CommandError(
      ExitCode.usage,
      `Name a loader, several, or use --all. Known: ${chosen.join(', ')}.`,
    );
  }
  return chosen;
}

/**
 * Why they failed, if they did: a worker whose configuration lacks the loader fails its workflows within a second. Waits
 * until each of them works, for a few seconds at most.
 */
async function failuresAtOnce(client: Client, workflowIds: readonly string[]): Promise<string[]> {
  const untilMs = Date.now() + OPEN_SECONDS * 1000;
  const failures = await Promise.all(
    workflowIds.map(async (workflowId) => {
      for (;;) {
        const { state, failure, progress } = await seenWorkflow<LoaderProgress | WatchProgress>(
          client,
          workflowId,
        );
        if (state === 'ended') return failure;
        if ((progress !== undefined && isOpen(progress)) || Date.now() > untilMs) return undefined;
        await setTimeout(100);
      }
    }),
  );
  return [...new Set(failures.flatMap((failure) => failure ?? []))];
}

/** A loader knows its table once it has read the worker's configuration; before that, a watcher does not answer. */
const isOpen = (progress: LoaderProgress | WatchProgress) =>
  !('table' in progress) || progress.table.table !== '';
