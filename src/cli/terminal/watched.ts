import { setTimeout as pause } from 'node:timers/promises';
import { ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import { LiveScreen } from './live-screen.ts';

const WATCH_EVERY_MS = 2000;

/** Shows a text again and again until it is interrupted: redrawn in place on a terminal, unless it is JSON. */
export async function watched(look: () => Promise<string>, json: boolean): Promise<ExitCode> {
  const out = process.stdout;
  const screen = out.isTTY && !json ? new LiveScreen(out) : undefined;
  const interrupt = onInterrupt();
  let before = '';
  try {
    while (!interrupt.signal.aborted) {
      const now = await look();
      if (screen !== undefined) screen.draw(now.split('\n'));
      else if (now !== before) out.write(`${now}\n`);
      before = now;
      await pause(WATCH_EVERY_MS, undefined, { signal: interrupt.signal }).catch(() => {});
    }
  } finally {
    interrupt.release();
    screen?.close(true);
  }
  return ExitCode.interrupted;
}
