import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { endingWithParent } from '../../local/parts/ending-with-parent.ts';
import { pinned } from './process-tree.ts';
import type { Program, ProgramName } from './program.ts';

interface LineProgramOptions {
  readonly name: ProgramName;
  readonly command: readonly [string, ...string[]];
  /** All of its variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cores: readonly number[];
  /** What to write to it to make it copy the table. */
  orderOf(table: string): object;
}

/** Starts a program that reads orders from its input and writes results to its output, each as one line of JSON. */
export async function startLineProgram(options: LineProgramOptions): Promise<Program> {
  const { name, cores } = options;
  const [command, words] = endingWithParent(...pinned(options.command, cores), 'SIGKILL');
  const child = spawn(command, words, {
    env: options.environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await once(child, 'spawn');
  const pid = child.pid as number;
  return {
    name,
    cores: cores.length,
    pid,
    async copy(table) {
      child.stdin.write(`${JSON.stringify(options.orderOf(table))}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended while it copied ${table}; its reason is above.`);
      const { items, rows } = JSON.parse(value) as { items: number; rows: Record<string, number> };
      return { items, rows: Object.values(rows).reduce((sum, each) => sum + each, 0) };
    },
    async stop() {
      child.stdin.end();
      child.kill('SIGTERM');
      await ended;
    },
  };
}
