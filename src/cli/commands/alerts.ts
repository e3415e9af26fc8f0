import { Command } from 'commander';
import type { ListOptions } from '../alerts/list-alerts.ts';
import type { MuteOptions } from '../alerts/mute-alerts.ts';
import type { TestOptions } from '../alerts/test-alerts.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, jsonOption, readDuration } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} alerts test nobel                         to every destination
  $ ${TRIBUTARY} alerts test nobel --destination slack.team
  $ ${TRIBUTARY} alerts mute nobel --for 2h
  $ ${TRIBUTARY} alerts unmute nobel
  $ ${TRIBUTARY} alerts list

A worker sends all alerts, the tests as well: to the destinations in its own configuration
file, with the secrets in its own environment.

While a pipeline, loader or dataset is muted, its alerts are not sent, also not later.
Failures are still recorded, so the next run that completes is reported as a recovery.

Exit codes of test: 0 every destination accepted it, 1 one did not.
`;

/** `tributary alerts test|mute|unmute|list` */
export function alertsCommand(): Command {
  const alerts = new Command('alerts')
    .description('try, mute and list alerts')
    .addHelpText('after', examples);
  alerts
    .command('test')
    .description('send a test alert, and show what each destination answers')
    .argument('<pipeline>', 'the pipeline that the alert names')
    .option('--destination <name>', 'only to this one, e.g. slack.team')
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipeline: string, options: TestOptions) => {
      const { testAlerts } = await import('../alerts/test-alerts.ts');
      process.exitCode = await testAlerts(pipeline, options);
    });
  alerts
    .command('mute')
    .description('send no alerts of a pipeline, loader or dataset, for a time or until unmuted')
    .argument('<name>', 'name of a pipeline, loader or dataset in the configuration')
    .option('--for <duration>', 'how long, e.g. 2h or 3d; default: until it is unmuted', readDuration)
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipeline: string, options: MuteOptions) => {
      const { mute } = await import('../alerts/mute-alerts.ts');
      await mute(pipeline, options);
    });
  alerts
    .command('unmute')
    .description('send alerts of a pipeline, loader or dataset again')
    .argument('<name>', 'name of a pipeline, loader or dataset in the configuration')
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipeline: string, options: MuteOptions) => {
      const { unmute } = await import('../alerts/mute-alerts.ts');
      await unmute(pipeline, options);
    });
  alerts
    .command('list')
    .description('list the destinations, and what is open or muted')
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: ListOptions) => {
      const { listAlerts } = await import('../alerts/list-alerts.ts');
      await listAlerts(options);
    });
  return alerts;
}
