/**
 * The keeper: a small process between the stack and its servers. It starts each server as the leader of a process
 * group. It ends them on request, or when the channel to the stack closes, which happens however the stack's process
 * dies. It has its own session, so that neither Ctrl-C nor a closed terminal reaches it or the servers directly.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { endingWithParent } from '../parts/ending-with-parent.ts';
import { deleteStack } from './delete-stack.ts';
import type { KeeperOptions, KeeperReport, KeeperRequest, ProcessToKeep } from './keeper-protocol.ts';
import { forgetProcess, rememberProcess } from './process-list.ts';
import { startReaper } from './reaper.ts';

interface Kept {
  id: number;
  asked: ProcessToKeep;
  child: ChildProcess;
  ended: Promise<void>;
}

const options = JSON.parse(process.argv[2] ?? '{}') as KeeperOptions;
const kept = new Map<number, Kept>();
let ending: Promise<void> | undefined;
const tellReaper = startReaper();

// Only the owner may read what the servers write.
process.umask(0o077);

process.on('message', (request: KeeperRequest) => {
  if (request.kind === 'start') start(request.id, request.process);
  else if (request.kind === 'stop') void stopOne(kept.get(request.id));
  else void endAll();
});
process.on('disconnect', () => void endAll());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void endAll());

function start(id: number, asked: ProcessToKeep): void {
  if (ending) {
    report({ kind: 'refused', id, message: 'the stack is stopping' });
    return;
  }
  const log = openSync(asked.logFile, 'a', 0o600);
  const [command, arguments_] = endingWithParent(asked.command, asked.arguments, asked.stopSignal);
  const child = spawn(command, arguments_, {
    cwd: asked.directory,
    env: asked.environment,
    stdio: ['ignore', log, log],
    detached: true,
    ...asked.account,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      report({ kind: 'refused', id, message: error.message });
      kept.delete(id);
      resolve();
    });
    child.on('exit', (code, signal) => {
      kept.delete(id);
      // End what a dead server left behind in its group as well.
      signalGroup(child, 'SIGKILL');
      forgetProcess(options.directory, child.pid!);
      reportGroups();
      report({ kind: 'exited', id, code, signal });
      resolve();
    });
  });
  if (child.pid === undefined) return;
  kept.set(id, { id, asked, child, ended });
  rememberProcess(options.directory, asked.name, child.pid);
  reportGroups();
  report({ kind: 'started', id, pid: child.pid });
}

async function stopOne(one: Kept | undefined): Promise<void> {
  if (!one) return;
  one.child.kill(one.asked.stopSignal);
  const timer = setTimeout(() => signalGroup(one.child, 'SIGKILL'), one.asked.stopGraceSeconds * 1000);
  await one.ended;
  clearTimeout(timer);
}

function endAll(): Promise<void> {
  ending ??= (async () => {
    const steps = [...new Set([...kept.values()].map((one) => one.asked.stopStep))].sort((a, b) => a - b);
    for (const step of steps) {
      await Promise.all([...kept.values()].filter((one) => one.asked.stopStep === step).map(stopOne));
    }
    if (options.deleteStack) deleteStack(options.directory);
    process.exit(0);
  })();
  return ending;
}

/** Each server leads a process group. */
function reportGroups(): void {
  tellReaper([...kept.values()].map(({ child }) => child.pid!));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is empty.
  }
}

function report(message: KeeperReport): void {
  // There is no receiver once the stack's process has ended.
  if (process.connected) process.send?.(message, () => {});
}
