import { Command } from 'commander';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { readSegments } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} demo                 copy the Nobel prizes, query them, end
  $ ${TRIBUTARY} demo --keep          keep it running to look around
  $ ${TRIBUTARY} demo --segments 16

It starts a stack of its own, so that it disturbs nothing and may run twice at once.
`;

/** `tributary demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .description('see it all on real data: 1,680 items from DynamoDB to SQL')
    .option('--keep', 'keep the stack running until Ctrl-C')
    .option('--segments <n>', 'scan in this many segments', readSegments, 4)
    .addHelpText('after', examples)
    .action(async (options: { keep?: boolean; segments: number }) => {
      const { runDemo } = await import('../demo/demo.ts');
      process.exitCode = await runDemo({ keep: options.keep ?? false, segments: options.segments });
    });
}
