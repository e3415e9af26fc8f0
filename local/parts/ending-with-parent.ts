import { spawnSync } from 'node:child_process';

let kernelCanTell: boolean | undefined;

/**
 * Changes a command so that, on Linux, the kernel sends it `signal` when the process that starts it dies for any
 * reason. Elsewhere, or without setpriv of util-linux, the command is unchanged.
 */
export function endingWithParent(
  command: string,
  arguments_: string[],
  signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL',
): [string, string[]] {
  kernelCanTell ??=
    process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0;
  if (!kernelCanTell) return [command, arguments_];
  return ['setpriv', ['--pdeathsig', signal.slice(3), '--', command, ...arguments_]];
}
