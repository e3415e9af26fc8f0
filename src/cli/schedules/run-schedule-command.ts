import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import { ConfigError } from '../../config/config-error.ts';
import { configPath } from '../../config/read-config.ts';
import { ScheduleDefinition, ScheduleName } from '../../config/schedules/schedule-definition.ts';
import { schedulesOfTables } from '../../config/schedules/schedules-of-tables.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { configHere, definitionHere } from '../temporal/config-here.ts';
import { whichConverter } from '../temporal/known-workflow.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { instant } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { datasetScheduleOptions, watchedDatasets } from './dataset-schedules.ts';
import { loadScheduleOptions } from './load-schedules.ts';
import { applySchedules, listSchedules, scheduleOptions } from './schedules.ts';
import { trigger } from './trigger.ts';
import { applyWatch, changeWatch } from './watches.ts';

export interface ScheduleOptions {
  readonly pipeline?: string;
  readonly destination?: string;
  readonly run?: string;
  readonly cron?: string;
  readonly every?: string;
  readonly timezone?: string;
  readonly jitter?: string;
  readonly finishWithin?: string;
  readonly sample?: string;
  readonly examples?: string;
  readonly agree?: boolean;
  readonly prune?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export async function createSchedule(name: string, options: ScheduleOptions): Promise<void> {
  const { pipeline, destination, run, cron, every, timezone, jitter, finishWithin, sample, examples } =
    options;
  const agree = run === 'infer' ? (options.agree ?? false) : options.agree;
  const given = {
    pipeline,
    destination,
    run,
    cron,
    every,
    timezone,
    jitter,
    finishWithin,
    sample,
    examples,
    agree,
  };
  const parsedName = ScheduleName.safeParse(name);
  if (!parsedName.success)
    throw usage(`"${name}" is not a valid schedule name: expected ${parsedName.error.issues[0]?.message}.`);
  const definition = ScheduleDefinition.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (!definition.success) {
    const [issue] = definition.error.issues;
    const option = issue?.path.join('.').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usage(`--${option}: expected ${issue?.message}.`);
  }
  await refuseUnknown(definition.data, options.config);
  await withTemporal(options.config, async (client) => {
    try {
      const schedule = scheduleOptions(name, definition.data, 'command');
      await client.schedule.create(schedule);
      await applyWatch(client, name, definition.data, { spec: schedule.spec, paused: false });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      throw usage(`Schedule ${name} already exists. Delete it first: ${TRIBUTARY} schedule delete ${name}`);
    }
    const next = (await listSchedules(client)).find((each) => each.name === name)?.next;
    say(`Created schedule ${name}${next === undefined ? '' : `; first due ${instant(next)}`}`);
  });
}

/** The worker looks up the pipeline at each start, perhaps at night. Report a missing one now. */
async function refuseUnknown(
  { pipeline, destination }: ScheduleDefinition,
  config: string | undefined,
): Promise<void> {
  const file = configPath(config);
  try {
    await definitionHere(pipeline, destination, config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (error.code === 'UnknownPipeline') {
      throw usage(`${file}: ${error.message} If the worker uses another file, give that file with --config.`);
    }
    if (error.code !== 'ConfigNotFound' || config !== undefined) throw error;
    const note = `note: there is no ${file} here, so pipeline "${pipeline}" was not checked`;
    process.stderr.write(`${paletteFor(process.stderr).yellow(note)}\n`);
  }
}

export async function showSchedules(options: ScheduleOptions): Promise<void> {
  await withTemporal(options.config, async (client) => {
    const schedules = await listSchedules(client);
    if (options.json) return say(JSON.stringify(schedules));
    if (schedules.length === 0)
      return say(`There are no schedules. Create one: ${TRIBUTARY} schedule create --help`);
    const titles = ['name', 'of', 'runs', 'when', 'last', 'next', 'created'].map((title) => ({
      title,
    }));
    const rows = schedules.map(({ name, pipeline, run, when, last, next, paused, origin }) => [
      name,
      pipeline,
      run,
      when,
      last === undefined ? '-' : instant(last),
      paused ? 'paused' : next === undefined ? '-' : instant(next),
      origin === undefined ? '? (cannot be decoded here)' : origin === 'file' ? 'by apply' : 'by create',
    ]);
    for (const line of textTable(titles, rows, paletteFor(process.stdout).dim)) say(line);
  });
}

const DONE = {
  pause: 'Paused',
  resume: 'Resumed',
  delete: 'Deleted',
} as const;

export async function changeSchedule(
  verb: keyof typeof DONE | 'trigger',
  name: string,
  options: ScheduleOptions,
): Promise<void> {
  await withTemporal(options.config, async (client) => {
    const handle = client.schedule.getHandle(name);
    try {
      if (verb === 'resume') await handle.unpause('by tributary schedule resume');
      else if (verb === 'pause') await handle.pause('by tributary schedule pause');
      else if (verb === 'trigger') return say(await trigger(client, name));
      else await handle.delete();
      await changeWatch(client, name, verb);
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw await unknownSchedule(client, name);
    }
    say(`${DONE[verb]} schedule ${name}`);
  });
}

export async function apply(options: ScheduleOptions): Promise<ExitCode> {
  const file = configPath(options.config);
  const read = await configHere(options.config);
  const schedules = schedulesOfTables(read);
  const others = Object.fromEntries([
    ...Object.entries(read.loadSchedules).map(
      ([name, definition]) =>
        [name, { options: loadScheduleOptions(name, definition, read.loaders) }] as const,
    ),
    ...Object.entries(read.datasetSchedules).map(([name, definition]) => {
      const options = datasetScheduleOptions(name, definition, read);
      return [name, { options, watched: watchedDatasets(definition, read) }] as const;
    }),
  ]);
  return withTemporal(options.config, async (client) => {
    const applied = await applySchedules(client, schedules, options.prune ?? false, others);
    const { created, updated, unchanged, surplus, undecodable } = applied;
    // Not applied, if they are in the file.
    const isDone = !Object.keys(undecodable).some(
      (name) => Object.hasOwn(schedules, name) || Object.hasOwn(others, name),
    );
    const code = isDone ? ExitCode.done : ExitCode.failed;
    if (options.json) {
      say(JSON.stringify(applied));
      return code;
    }
    for (const [what, names] of Object.entries({ created, updated, unchanged })) {
      for (const name of names) say(`${what.padEnd(9)} ${name}`);
    }
    for (const name of surplus) {
      say(options.prune ? `deleted   ${name}` : `surplus   ${name}: not in ${file}; --prune deletes it`);
    }
    for (const [name, why] of Object.entries(undecodable)) {
      say(
        `kept      ${name}: cannot be decoded here: ${why}. ${whichConverter()}, or delete it: ${TRIBUTARY} schedule delete ${name}`,
      );
    }
    if (Object.values(applied).every((found: object) => Object.keys(found).length === 0))
      say(`${file} has no schedules.`);
    return code;
  });
}

async function unknownSchedule(client: Client, name: string): Promise<CommandError> {
  const names = (await listSchedules(client)).map((each) => each.name);
  return usage(
    `There is no schedule ${name}${didYouMean(name, names)}. List them: ${TRIBUTARY} schedule list`,
  );
}

const usage = (message: string) => new CommandError(ExitCode.usage, message);
