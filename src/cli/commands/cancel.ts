import { Command } from 'commander';
import type { CancelOptions } from '../runs/cancel-run.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} cancel 20261121t064617z_1f0c22

Cancels the run with its segments, loads and statements, and waits until they have ended. The live
schema is unchanged, and what was extracted stays in S3: "${TRIBUTARY} status <run>" shows how to
resume the run. An inference, a rollback and other requests are cancelled by their workflow id.

Exit codes: 0 it has ended, 1 no answer, 2 no such run, 130 interrupted; the request remains.
`;

/** `tributary cancel <run>` */
export function cancelCommand(): Command {
  return new Command('cancel')
    .description('cancel a run or inference')
    .argument('<run>', 'name or workflow id of a run or inference')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (run: string, options: CancelOptions) => {
      const { cancelRun } = await import('../runs/cancel-run.ts');
      process.exitCode = await cancelRun(run, options);
    });
}
