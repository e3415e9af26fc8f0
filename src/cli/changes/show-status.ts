import type { Client } from '@temporalio/client';
import { withTemporal } from '../temporal/command-context.ts';
import { NEEDED_BY_CHANGES, noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { type TemporalTarget, workflowPage } from '../temporal/temporal-target.ts';
import { type ExitCode, worstOf } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { watched } from '../terminal/watched.ts';
import { type ChangesOptions, followedHere } from './changes-here.ts';
import { changesLines, changesTable } from './changes-lines.ts';
import { type ChangesView, changesView, exitCodeOf } from './changes-view.ts';

export interface ChangesStatusOptions extends ChangesOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** Shows how the changes of a pipeline are doing; without a name, of all that follow their tables. */
export async function showChangesStatus(
  name: string | undefined,
  options: ChangesStatusOptions,
): Promise<ExitCode> {
  const { config, json = false, watch = false } = options;
  const followed = await followedHere(name, options);
  return withTemporal(config, async (client, target) => {
    const withShards = followed.length === 1;
    const look = () => Promise.all(followed.map((each) => changesView(client, each, { withShards })));
    if (watch) return watched(async () => text(client, target, await look(), json), json);
    const views = await look();
    process.stdout.write(`${await text(client, target, views, json)}\n`);
    return worstOf(views.map(exitCodeOf));
  });
}

async function text(
  client: Client,
  target: TemporalTarget,
  views: readonly ChangesView[],
  json: boolean,
): Promise<string> {
  if (json) return views.map((view) => JSON.stringify(view)).join('\n');
  const colours = paletteFor(process.stdout);
  const [view, ...others] = views;
  const lines =
    view !== undefined && others.length === 0
      ? [
          ...changesLines(view, colours),
          colours.dim(workflowPage(target, view.workflowId) ?? `workflow ${view.workflowId}`),
        ]
      : changesTable(views, colours);
  const isSilent = ({ state, destinations }: ChangesView) =>
    state === 'unknown' || destinations.some((each) => each.state === 'unknown');
  if (views.some(isSilent)) {
    const missing = await queuesWithoutWorker(client, Date.now(), NEEDED_BY_CHANGES);
    if (missing.length > 0) lines.push(colours.yellow(noWorkerNote(missing)));
  }
  return lines.join('\n');
}
