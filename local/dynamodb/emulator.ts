import { spawn } from 'node:child_process';
import { endingWithParent } from '../parts/ending-with-parent.ts';

interface Emulator {
  /** Fulfilled when it ends for any reason, with that reason. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts the emulator in the process group of this process, with its output. */
export function startEmulator([program, ...programArguments]: readonly [string, ...string[]]): Emulator {
  const [command, arguments_] = endingWithParent(program, programArguments, 'SIGTERM');
  const child = spawn(command, arguments_, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
