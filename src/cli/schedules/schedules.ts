import { type Client, type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { ScheduleDefinition } from '../../config/schedules/schedule-definition.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { describeSchedule, type KnownSchedule, schedulesWith } from '../temporal/known-schedule.ts';
import { CATCH_UP, definitionText, timesOf, writeSchedule } from './schedule-parts.ts';
import { applyWatch, changeWatch, type Watched } from './watches.ts';

/** Tributary's schedules in Temporal. */

/** How a schedule was created: from the configuration file by `apply`, or by `create`. */
type ScheduleOrigin = 'file' | 'command';

/** A schedule for Temporal. The memo of its action stores the definition, so that a change can be detected. */
export function scheduleOptions(
  name: string,
  definition: ScheduleDefinition,
  origin: ScheduleOrigin,
): ScheduleOptions {
  const { pipeline, destination, run, sample, examples, agree } = definition;
  const isInfer = run === 'infer';
  return {
    scheduleId: name,
    spec: timesOf(definition),
    action: {
      type: 'startWorkflow',
      workflowType: isInfer ? 'inferSchema' : 'refreshWarehouse',
      taskQueue: CONTROL_TASK_QUEUE,
      // Temporal adds the time.
      workflowId: `${run}-${pipeline}${destination === undefined ? '' : `.${destination}`}`,
      args: [
        {
          pipeline,
          ...(destination && { destination }),
          ...(sample && { sample }),
          ...(examples && { examples }),
          ...(agree === undefined ? {} : { agree }),
        },
      ],
      memo: { pipeline, schedule: name, definition: definitionText(definition) },
      staticSummary: `${pipeline}, by schedule ${name}`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP, pauseOnFailure: false },
    memo: { tributary: origin },
  };
}

/** What a schedule runs, by the type of its workflow. */
const RUNS: Readonly<Record<string, string>> = {
  inferSchema: 'infer',
  bulkLoad: 'load',
  refreshDataset: 'dataset',
  refreshGraph: 'datasets',
};

interface ListedSchedule {
  readonly name: string;
  /** The pipeline or dataset that it runs, or the loader that loads files. */
  readonly pipeline: string;
  readonly run: string;
  readonly when: string;
  readonly paused: boolean;
  /** Undefined if it cannot be decoded here. */
  readonly origin: ScheduleOrigin | undefined;
  readonly next: Date | undefined;
  readonly last: Date | undefined;
  /** Why what Temporal stores about it cannot be decoded here. */
  readonly undecodable: string | undefined;
}

/** All schedules created by Tributary, sorted by name. */
export async function listSchedules(client: Client): Promise<ListedSchedule[]> {
  const names = await schedulesWith(client, 'tributary');
  const listed = await Promise.all(names.sort().map((name) => describeSchedule(client, name)));
  // Omit schedules that were deleted in the meantime.
  return listed.flatMap((description) => (description === undefined ? [] : [listedOf(description)]));
}

interface Applied {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Created from the file earlier and no longer in it: deleted with `--prune`. */
  readonly surplus: readonly string[];
  /** Left as they are, because they cannot be decoded here: why, by name. */
  readonly undecodable: Readonly<Record<string, string>>;
}

/** A schedule of loaders or datasets, as Temporal takes it. */
interface OtherSchedule {
  readonly options: ScheduleOptions;
  /** What it must run in time. Absent: it has no watch. */
  readonly watched?: Watched;
}

/**
 * Makes Temporal's schedules match the file. A paused schedule stays paused. One that cannot be decoded here is left alone,
 * whether it is in the file or not: workers may use another data converter than this command.
 * @param others the schedules of loaders and datasets
 */
export async function applySchedules(
  client: Client,
  definitions: Readonly<Record<string, ScheduleDefinition>>,
  prune: boolean,
  others: Readonly<Record<string, OtherSchedule>> = {},
): Promise<Applied> {
  const applied = { created: [] as string[], updated: [] as string[], unchanged: [] as string[] };
  const undecodable: Record<string, string> = {};
  const applyOne = async (name: string, { options, watched }: OtherSchedule) => {
    const found = await describeSchedule(client, name);
    if (found?.undecodable !== undefined) {
      undecodable[name] = found.undecodable;
      return;
    }
    const written = await writeSchedule(client, options, found);
    const paused = found?.state.paused ?? false;
    const isWatchChanged =
      watched !== undefined && (await applyWatch(client, name, watched, { spec: options.spec, paused }));
    applied[written === 'unchanged' && isWatchChanged ? 'updated' : written].push(name);
  };
  for (const [name, definition] of Object.entries(definitions))
    await applyOne(name, { options: scheduleOptions(name, definition, 'file'), watched: definition });
  for (const [name, other] of Object.entries(others)) await applyOne(name, other);
  const listed = await listSchedules(client);
  const surplus = listed
    .filter(
      ({ name, origin }) =>
        origin === 'file' && !Object.hasOwn(definitions, name) && !Object.hasOwn(others, name),
    )
    .map(({ name }) => name);
  for (const name of prune ? surplus : []) {
    await client.schedule.getHandle(name).delete();
    await changeWatch(client, name, 'delete');
  }
  for (const { name, undecodable: why } of listed) if (why !== undefined) undecodable[name] = why;
  return { ...applied, surplus, undecodable };
}

function listedOf({
  scheduleId,
  workflowType,
  workflowId,
  memo,
  actionMemo,
  state,
  info,
  undecodable,
}: KnownSchedule): ListedSchedule {
  const definition = Object.fromEntries(
    JSON.parse((actionMemo?.definition as string | undefined) ?? '[]') as [string, string][],
  ) as Partial<ScheduleDefinition>;
  const { cron, every, timezone } = definition;
  const named = (actionMemo?.loader ?? actionMemo?.dataset) as string | undefined;
  const origin = memo?.tributary === 'file' ? 'file' : 'command';
  return {
    name: scheduleId,
    pipeline: named ?? definition.pipeline ?? workflowId.replace(/^(?:refresh|infer)-/, ''),
    run: definition.run ?? RUNS[workflowType] ?? 'refresh',
    when: undecodable === undefined ? (cron === undefined ? `every ${every}` : `${cron} ${timezone}`) : '?',
    paused: state.paused,
    origin: undecodable === undefined ? origin : undefined,
    next: state.paused ? undefined : info.nextActionTimes[0],
    last: info.recentActions.at(-1)?.takenAt,
    undecodable,
  };
}
