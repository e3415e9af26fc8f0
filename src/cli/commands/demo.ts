import { Command } from 'commander';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { readSegments } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} demo                 copy the Nobel prizes, query them, stop
  $ ${TRIBUTARY} demo --keep          keep the stack running to look around
  $ ${TRIBUTARY} demo --segments 16

The demo starts its own stack. It does not affect other stacks, and several demos can run at once.
`;

/** `tributary demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .description('try everything on real data: 1,680 items from DynamoDB to SQL')
    .option('--keep', 'keep the stack running until Ctrl-C')
    .option('--segments <n>', 'number of segments to scan in', readSegments, 4)
    .addHelpText('after', examples)
    .action(async (options: { keep?: boolean; segments: number }) => {
      const { runDemo } = await import('../demo/demo.ts');
      process.exitCode = await runDemo({ keep: options.keep ?? false, segments: options.segments });
    });
}
