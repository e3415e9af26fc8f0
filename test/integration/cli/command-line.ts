import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';

const LAUNCHER = fileURLToPath(new URL('../../../bin/tributary.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stdout or stderr contains the text. @throws if the command ends first */
  seen(text: RegExp): Promise<void>;
}

/** Commands that a failed test has left running. */
const running = new Map<ChildProcess, Promise<Ended>>();

afterAll(async () => {
  for (const child of running.keys()) child.kill('SIGTERM');
  await Promise.allSettled(running.values());
});

/** Starts `tributary …` without a terminal. `environment` is added to this process's own. */
export function startCommand(
  words: readonly string[],
  options: { readonly environment?: Record<string, string>; readonly directory?: string } = {},
): RunningCommand {
  const child = spawn(process.execPath, [LAUNCHER, ...words], {
    cwd: options.directory,
    env: { ...process.env, NO_COLOR: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, stdout, stderr });
    });
  });
  running.set(child, ended);
  const seen = (text: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (text.test(stdout) || text.test(stderr)) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      void ended.then(() => reject(new Error(`the command ended without ${text}:\n${stdout}${stderr}`)));
      look();
    });
  return { process: child, ended, seen };
}

export const command = (words: readonly string[], environment: Record<string, string> = {}): Promise<Ended> =>
  startCommand(words, { environment }).ended;
