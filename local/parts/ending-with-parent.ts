import { spawnSync } from 'node:child_process';

let kernelCanTell: boolean | undefined;

/**
 * A command that, on Linux, gets `signal` from the kernel when the process that starts it dies in whatever
 * way. Elsewhere, or without util-linux's setpriv, it is the command as it was.
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
