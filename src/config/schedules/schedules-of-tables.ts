import { ConfigError } from '../config-error.ts';
import type { ExpandedConfig } from '../table-patterns.ts';
import { type ScheduleDefinition, ScheduleName } from './schedule-definition.ts';

/**
 * The schedules of the file, each of one pipeline. One of a pattern becomes one per table, named
 * `<schedule>-<pipeline>`: Temporal starts runs of tables, never of patterns.
 * @throws ConfigError `ConfigInvalid` if such a name is too long, or is taken
 */
export function schedulesOfTables({
  schedules,
  matches,
}: Pick<ExpandedConfig, 'schedules' | 'matches'>): Record<string, ScheduleDefinition> {
  const all: Record<string, ScheduleDefinition> = {};
  const add = (name: string, definition: ScheduleDefinition) => {
    const issue = ScheduleName.safeParse(name).error?.issues[0];
    if (
      issue !== undefined ||
      Object.hasOwn(all, name) ||
      (Object.hasOwn(schedules, name) && definition !== schedules[name])
    )
      throw new ConfigError(
        'ConfigInvalid',
        `The schedule of pipeline ${definition.pipeline} would be ${name}: ${issue === undefined ? 'another schedule has that name' : `expected ${issue.message}`}. ` +
          'Give the schedule of the pattern another name, or shorten the names of its pipelines with name.',
      );
    all[name] = definition;
  };
  for (const [name, definition] of Object.entries(schedules)) {
    const matched = matches[definition.pipeline];
    if (matched === undefined) add(name, definition);
    else for (const { pipeline } of matched) add(`${name}-${pipeline}`, { ...definition, pipeline });
  }
  return all;
}
