import type { Client } from '@temporalio/client';
import { tablePath } from '../../pipeline/loader/loader-directory.ts';
import type { Loaders } from '../../pipeline/loader/routing.ts';
import { watchedText } from '../../pipeline/loader/watched.ts';
import { type LongWorkflow, startedOnce } from '../temporal/started-once.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { namesOf, sourcesOf, tablesOf } from './loaders-here.ts';

/** A workflow of loaders that runs now. */
interface BegunWorkflow {
  readonly workflowId: string;
  /** Such as `loading quakes into local/dev/landing/quakes`. */
  readonly what: string;
  /** False: it ran already. */
  readonly isNew: boolean;
}

/**
 * Starts what loads into the tables of the chosen loaders and, then, what watches their queues and prefixes: each once,
 * however many loaders share it. Yields each as it is started.
 */
export async function* beginLoaders(
  client: Client,
  all: Loaders,
  chosen: readonly string[],
): AsyncGenerator<BegunWorkflow> {
  for (const table of tablesOf(all, chosen)) {
    const { workflowId, loaders } = table;
    const path = tablePath(table.table);
    const work = { type: 'loadFiles', loader: loaders[0].name, summary: `loads files into ${path}` } as const;
    const isNew = await isStarted(client, { ...work, workflowId });
    yield { workflowId, what: `loading ${namesOf(table)} into ${path}`, isNew };
  }
  for (const { watched, workflowId, loaders } of sourcesOf(all, chosen)) {
    const text = watchedText(watched);
    const loader = (loaders.find(({ name }) => chosen.includes(name)) ?? loaders[0]).name;
    const isNew = await isStarted(client, {
      ...{ type: 'watchFiles', workflowId, loader, summary: `watches ${text}` },
    });
    yield { workflowId, what: `watching ${text}`, isNew };
  }
}

const isStarted = (
  client: Client,
  { loader, ...work }: Omit<LongWorkflow, 'args' | 'memo' | 'details'> & { readonly loader: string },
) =>
  startedOnce(client, {
    ...work,
    args: { loader },
    memo: { loader },
    details: `See its state: \`${TRIBUTARY} loader status ${loader}\`.`,
  });
