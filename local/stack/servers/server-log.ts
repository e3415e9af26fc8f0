import { appendFileSync, readFileSync } from 'node:fs';

const startMark = /^--- \S+ start$/m;

/** Marks the start of a server in its log file, which keeps the logs of earlier starts. */
export function markStart(file: string): void {
  appendFileSync(file, `--- ${new Date().toISOString()} start\n`, { mode: 0o600 });
}

/** What a server has logged since its last start; empty if there is no log. */
export function logSinceStart(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(startMark).at(-1)!.trim();
  } catch {
    return '';
  }
}

/**
 * An excerpt of a server's log since its last start, indented, for error messages. It has the last lines and the first:
 * when a Go program panics, the reason comes before pages of stack traces.
 */
export function logExcerpt(file: string): string {
  const lines = logSinceStart(file).split('\n');
  const [first, last] = [4, 12];
  const shown = lines.length > first + last ? [...lines.slice(0, first), '…', ...lines.slice(-last)] : lines;
  return ` Its log, ${file}:\n${shown.map((line) => `    ${line}`).join('\n')}`;
}
