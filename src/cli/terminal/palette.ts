import type { WriteStream } from 'node:tty';
import picocolors from 'picocolors';

export type Palette = ReturnType<typeof picocolors.createColors>;

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean | undefined };

/** Colours for a stream: only on a terminal, never with NO_COLOR set, always with FORCE_COLOR set. */
export function paletteFor(stream: Output, environment: NodeJS.ProcessEnv = process.env): Palette {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return picocolors.createColors(false);
  return picocolors.createColors(Boolean(FORCE_COLOR) || (stream.isTTY === true && TERM !== 'dumb'));
}
