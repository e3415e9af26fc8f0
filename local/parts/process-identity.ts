import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Identifies a process even if a later one gets the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When the process started, as reported by the system. Opaque: only for comparison. */
  began: string;
}

/** Null if there is no such live process (a zombie counts as dead). */
export function identityOf(pid: number): ProcessIdentity | null {
  const began = process.platform === 'linux' ? beganOnLinux(pid) : beganByPs(pid);
  return began === null ? null : { pid, began };
}

/** Whether this very process is alive. False if it has ended, even if its pid belongs to another process. */
export function isAlive(identity: ProcessIdentity | null): boolean {
  return identity !== null && identityOf(identity.pid)?.began === identity.began;
}

function beganOnLinux(pid: number): string | null {
  try {
    // `pid (name) state …`: the name may contain spaces and brackets, so count from the last bracket. The start
    // time is in ticks since boot, so the id of the boot is added.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return null;
  }
}

function beganByPs(pid: number): string | null {
  const listed = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state, ...began] = (listed.stdout ?? '').trim().split(/\s+/);
  return state && !state.startsWith('Z') ? began.join(' ') : null;
}
