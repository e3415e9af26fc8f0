import { Command, Option } from 'commander';
import type { ScheduleOptions } from '../schedules/run-schedule-command.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, destinationOption, jsonOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} schedule create nightly --pipeline nobel --cron "0 2 * * *"
  $ ${TRIBUTARY} schedule create look --pipeline nobel --run infer --every 7d
  $ ${TRIBUTARY} schedule list
  $ ${TRIBUTARY} schedule pause nightly
  $ ${TRIBUTARY} schedule apply          apply the configuration file
  $ ${TRIBUTARY} schedule apply --prune  and delete schedules no longer in it

If the previous run is still running or waiting for an operator, a run that is due
is skipped. Starts that Temporal missed are caught up within a day. The worker
looks up the pipeline in its own configuration.
`;

/** `tributary schedule create|list|pause|resume|trigger|delete|apply` */
export function scheduleCommand(): Command {
  const schedule = new Command('schedule')
    .description('run pipelines and schema inference at set times')
    .addHelpText('after', examples);
  schedule
    .command('create')
    .description('create a schedule')
    .argument('<name>', 'name of the schedule')
    .requiredOption('--pipeline <name>', 'the pipeline to run')
    .addOption(new Option('--run <what>', 'what to run').choices(['refresh', 'infer']).default('refresh'))
    .addOption(destinationOption())
    .option('--cron <expression>', 'when, e.g. "0 6 * * MON"')
    .option('--every <duration>', 'how often, e.g. 12h or 7d')
    .option('--timezone <zone>', 'time zone of the cron expression; default: UTC')
    .option('--jitter <duration>', 'longest random delay of each start; default: 1m')
    .option('--finish-within <duration>', 'refresh only: report it as late after this time, e.g. 2h')
    .option('--sample <share>', 'infer only: share of the table to read, e.g. 5%')
    .addOption(
      new Option('--examples <on|off>', 'infer only: off writes no values into the statistics').choices([
        'on',
        'off',
      ]),
    )
    .option('--agree', 'infer only: agree on the schema found; without it, the inference only looks')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (name: string, options: ScheduleOptions) => {
      const { createSchedule } = await import('../schedules/run-schedule-command.ts');
      await createSchedule(name, options);
    });
  schedule
    .command('list')
    .description('list all schedules')
    .addOption(jsonOption('print the schedules as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: ScheduleOptions) => {
      const { showSchedules } = await import('../schedules/run-schedule-command.ts');
      await showSchedules(options);
    });
  const one = {
    pause: 'stop starting runs; running ones continue',
    resume: 'start runs again after a pause',
    trigger: 'start a run now; skipped if one is running',
    delete: 'delete a schedule; running runs continue',
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
    .description('create and update the schedules in the configuration file')
    .option('--prune', 'delete schedules that came from the file and are no longer in it')
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: ScheduleOptions) => {
      const { apply } = await import('../schedules/run-schedule-command.ts');
      process.exitCode = await apply(options);
    });
  return schedule;
}
