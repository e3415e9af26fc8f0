import { appendFileSync, readFileSync } from 'node:fs';

const startMark = /^--- \S+ start$/m;

/** Begins the log of one more start of a server: the file keeps those of earlier ones. */
export function markStart(file: string): void {
  appendFileSync(file, `--- ${new Date().toISOString()} start\n`, { mode: 0o600 });
}

/** What a server has logged since its last start; empty without a log. */
export function logSinceStart(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(startMark).at(-1)!.trim();
  } catch {
    return '';
  }
}

/**
 * A server's log since its last start, indented, for an error's message: its last lines, and its first ones,
 * too, because a Go program that panics says why before pages of stack.
 */
export function logExcerpt(file: string): string {
  const lines = logSinceStart(file).split('\n');
  const [first, last] = [4, 12];
  const shown = lines.length > first + last ? [...lines.slice(0, first), '…', ...lines.slice(-last)] : lines;
  return ` Its log, ${file}:\n${shown.map((line) => `    ${line}`).join('\n')}`;
}
