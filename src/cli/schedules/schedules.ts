import {
  type Client,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { durationMs, type ScheduleDefinition } from '../../config/schedule-definition.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';

/** Tributary's schedules in Temporal. */

/** How a schedule was created: from the configuration file by `apply`, or by `create`. */
type ScheduleOrigin = 'file' | 'command';

/** Starts missed for longer than this are skipped. */
const CATCH_UP = '1 day';

/** A schedule for Temporal. The memo of its action stores the definition, so that a change can be detected. */
export function scheduleOptions(
  name: string,
  definition: ScheduleDefinition,
  origin: ScheduleOrigin,
): ScheduleOptions {
  const { pipeline, run, cron, every, timezone, jitter, sample, examples } = definition;
  const isInfer = run === 'infer';
  return {
    scheduleId: name,
    spec: {
      ...(cron === undefined ? {} : { cronExpressions: [cron] }),
      ...(every === undefined ? {} : { intervals: [{ every: durationMs(every) }] }),
      timezone,
      jitter: durationMs(jitter),
    },
    action: {
      type: 'startWorkflow',
      workflowType: isInfer ? 'inferSchema' : 'refreshWarehouse',
      taskQueue: CONTROL_TASK_QUEUE,
      // Temporal adds the time.
      workflowId: `${run}-${pipeline}`,
      args: [{ pipeline, ...(sample && { sample }), ...(examples && { examples }) }],
      memo: { pipeline, schedule: name, definition: definitionText(definition) },
      staticSummary: `${pipeline}, by schedule ${name}`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP, pauseOnFailure: false },
    memo: { tributary: origin },
  };
}

interface ListedSchedule {
  readonly name: string;
  readonly pipeline: string;
  readonly run: string;
  readonly when: string;
  readonly paused: boolean;
  readonly origin: ScheduleOrigin;
  readonly next: Date | undefined;
  readonly last: Date | undefined;
}

/** All schedules created by Tributary, sorted by name. */
export async function listSchedules(client: Client): Promise<ListedSchedule[]> {
  const names: string[] = [];
  for await (const { scheduleId, memo } of client.schedule.list()) {
    if (memo?.tributary !== undefined) names.push(scheduleId);
  }
  const listed = await Promise.all(names.sort().map((name) => describe(client, name)));
  // Omit schedules that were deleted in the meantime.
  return listed.flatMap((description) => (description === undefined ? [] : [listedOf(description)]));
}

interface Applied {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Created from the file earlier and no longer in it: deleted with `--prune`. */
  readonly surplus: readonly string[];
}

/** Makes Temporal's schedules match the file. A paused schedule stays paused. */
export async function applySchedules(
  client: Client,
  definitions: Readonly<Record<string, ScheduleDefinition>>,
  prune: boolean,
): Promise<Applied> {
  const applied = { created: [] as string[], updated: [] as string[], unchanged: [] as string[] };
  for (const [name, definition] of Object.entries(definitions)) {
    const found = await describe(client, name);
    const options = scheduleOptions(name, definition, 'file');
    if (found === undefined) {
      await client.schedule.create(options);
      applied.created.push(name);
    } else if (found.action.memo?.definition === definitionText(definition)) {
      applied.unchanged.push(name);
    } else {
      const { spec, action, policies } = options;
      await client.schedule.getHandle(name).update(({ state }) => ({
        spec,
        action: { ...action, workflowId: `${definition.run}-${definition.pipeline}` },
        ...(policies && { policies }),
        state,
      }));
      applied.updated.push(name);
    }
  }
  const surplus = (await listSchedules(client))
    .filter(({ name, origin }) => origin === 'file' && !Object.hasOwn(definitions, name))
    .map(({ name }) => name);
  if (prune) for (const name of surplus) await client.schedule.getHandle(name).delete();
  return { ...applied, surplus };
}

/** Undefined if there is no such schedule. */
async function describe(client: Client, name: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(name).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** Equal for equal definitions, whatever the order of their keys. */
const definitionText = (definition: ScheduleDefinition) =>
  JSON.stringify(Object.entries(definition).sort(([a], [b]) => (a < b ? -1 : 1)));

function listedOf({ scheduleId, memo, action, state, info }: ScheduleDescription): ListedSchedule {
  const definition = Object.fromEntries(
    JSON.parse((action.memo?.definition as string | undefined) ?? '[]') as [string, string][],
  ) as Partial<ScheduleDefinition>;
  const { cron, every, timezone } = definition;
  return {
    name: scheduleId,
    pipeline: definition.pipeline ?? '',
    run: definition.run ?? action.workflowType,
    when: cron === undefined ? `every ${every}` : `${cron} ${timezone}`,
    paused: state.paused,
    origin: memo?.tributary === 'file' ? 'file' : 'command',
    next: state.paused ? undefined : info.nextActionTimes[0],
    last: info.recentActions.at(-1)?.takenAt,
  };
}
