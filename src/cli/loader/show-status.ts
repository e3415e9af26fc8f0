import type { Client } from '@temporalio/client';
import type { Loaders } from '../../pipeline/loader/routing.ts';
import { stackInUse, useLocalStack, withTemporal } from '../temporal/command-context.ts';
import { NEEDED_BY_LOADERS, noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { type TemporalTarget, workflowPage } from '../temporal/temporal-target.ts';
import { type ExitCode, worstOf } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { watched } from '../terminal/watched.ts';
import { loaderLines, loadersTable } from './loader-lines.ts';
import { exitCodeOf, type LoaderView, loaderView } from './loader-view.ts';
import { chosenLoaders, type LoadedTable, loadersHere, tablesOf } from './loaders-here.ts';
import { observeLoader } from './observe-loader.ts';

export interface LoaderStatusOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly config?: string;
}

/** Shows how a loader is doing; without a name, all of them. */
export async function showLoaderStatus(
  name: string | undefined,
  options: LoaderStatusOptions,
): Promise<ExitCode> {
  const { config, json = false, watch = false } = options;
  const all = await loadersHere(config);
  const tables = tablesOf(all, chosenLoaders(all, name === undefined ? [] : [name], config));
  return withTemporal(config, async (client, target) => {
    useLocalStack(stackInUse(config));
    const look = () => viewsOf(client, all, tables);
    if (watch) return watched(async () => text(client, target, await look(), json), json);
    const views = await look();
    process.stdout.write(`${await text(client, target, views, json)}\n`);
    return worst(views);
  });
}

const viewsOf = async (client: Client, all: Loaders, tables: readonly LoadedTable[]) =>
  (await Promise.all(tables.map((table) => observeLoader(client, all, table)))).map(loaderView);

async function text(
  client: Client,
  target: TemporalTarget,
  views: readonly LoaderView[],
  json: boolean,
): Promise<string> {
  if (json) return views.map((view) => JSON.stringify(view)).join('\n');
  const colours = paletteFor(process.stdout);
  const options = { nowMs: Date.now() };
  const [view, ...others] = views;
  const lines =
    view !== undefined && others.length === 0
      ? [
          ...loaderLines(view, options, colours),
          colours.dim(workflowPage(target, view.workflowId) ?? `workflow ${view.workflowId}`),
        ]
      : loadersTable(views, options, colours);
  const isSilent = ({ state, watchers }: LoaderView) =>
    state === 'unknown' || watchers.some((watcher) => watcher.state === 'unknown');
  if (views.some(isSilent)) {
    const missing = await queuesWithoutWorker(client, Date.now(), NEEDED_BY_LOADERS);
    if (missing.length > 0) lines.push(colours.yellow(noWorkerNote(missing)));
  }
  return lines.join('\n');
}

/** Of several tables, the one that is worst. */
const worst = (views: readonly LoaderView[]): ExitCode => worstOf(views.map(exitCodeOf));
