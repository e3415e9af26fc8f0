import { Command, Option } from 'commander';
import type { ScheduleOptions } from '../schedules/run-schedule-command.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, jsonOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} schedule create nightly --pipeline nobel --cron "0 2 * * *"
  $ ${TRIBUTARY} schedule create look --pipeline nobel --run infer --every 7d
  $ ${TRIBUTARY} schedule list
  $ ${TRIBUTARY} schedule pause nightly
  $ ${TRIBUTARY} schedule apply          what the configuration file says
  $ ${TRIBUTARY} schedule apply --prune  and delete what it no longer has

A run that is due while the one before is under way, or waits for a person, is
skipped. What was missed while Temporal was away is made good for a day. The
worker looks the pipeline up in its own configuration.
`;

/** `tributary schedule create|list|pause|resume|trigger|delete|apply` */
export function scheduleCommand(): Command {
  const schedule = new Command('schedule')
    .description('run pipelines and schema inference at set times')
    .addHelpText('after', examples);
  schedule
    .command('create')
    .description('make a schedule')
    .argument('<name>', 'name of the schedule')
    .requiredOption('--pipeline <name>', 'the pipeline to run')
    .addOption(new Option('--run <what>', 'what to run').choices(['refresh', 'infer']).default('refresh'))
    .option('--cron <expression>', 'when, e.g. "0 6 * * MON"')
    .option('--every <duration>', 'how often, e.g. 12h or 7d')
    .option('--timezone <zone>', 'time zone of the cron expression (UTC where it is not given)')
    .option('--jitter <duration>', 'start late by up to this long (1m where it is not given)')
    .option('--sample <share>', 'infer only: share of the table to read, e.g. 5%')
    .addOption(new Option('--examples <on|off>', 'infer only: off writes no values').choices(['on', 'off']))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (name: string, options: ScheduleOptions) => {
      const { createSchedule } = await import('../schedules/run-schedule-command.ts');
      await createSchedule(name, options);
    });
  schedule
    .command('list')
    .description('show all schedules')
    .addOption(jsonOption('print them as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: ScheduleOptions) => {
      const { showSchedules } = await import('../schedules/run-schedule-command.ts');
      await showSchedules(options);
    });
  const one = {
    pause: 'stop starting runs; what is under way goes on',
    resume: 'start runs again after a pause',
    trigger: 'start a run now; skipped where one is under way',
    delete: 'delete a schedule; what is under way goes on',
  } as const;
  for (const [verb, description] of Object.entries(one)) {
    schedule
      .command(verb)
      .description(description)
      .argument('<name>', 'name of the schedule')
      .addOption(configOption())
      .addHelpText('after', examples)
      .action(async (name: string, options: ScheduleOptions) => {
        const { changeSchedule } = await import('../schedules/run-schedule-command.ts');
        await changeSchedule(verb as keyof typeof one, name, options);
      });
  }
  schedule
    .command('apply')
    .description('create and update the schedules of the configuration file')
    .option('--prune', 'delete schedules that the file made and no longer has')
    .addOption(jsonOption('print what was done as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: ScheduleOptions) => {
      const { apply } = await import('../schedules/run-schedule-command.ts');
      await apply(options);
    });
  return schedule;
}
