import { spawn } from 'node:child_process';

/**
 * Reads lists of process groups. When its input ends, because its parent has ended for any reason, it ends the groups of
 * the last list: with SIGINT, and after five seconds with SIGKILL.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=
while read -r line; do groups=$line; done
for signal in INT KILL; do
  for group in $groups; do kill -s $signal -- "-$group" 2>/dev/null; done
  for second in 1 2 3 4 5; do
    alive=
    for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && alive=yes; done
    [ -z "$alive" ] && exit
    sleep 1
  done
done`;

/**
 * A shell that outlives this process by a moment and ends its servers if it was killed and could not. On Linux the kernel
 * does most of that (see `ending-with-parent.ts`), but not for a server that ignores the signal.
 * @returns a function to call with the process groups that run now, whenever they change
 */
export function startReaper(): (groups: readonly number[]) => void {
  const reaper = spawn('sh', ['-c', SCRIPT], {
    detached: true,
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell, or if someone ends it, the servers run without this safeguard.
  reaper.on('error', () => {});
  reaper.stdin.on('error', () => {});
  reaper.unref();
  return (groups) => {
    if (reaper.stdin.writable) reaper.stdin.write(`${groups.join(' ')}\n`);
  };
}
