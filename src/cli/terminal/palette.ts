import type { WriteStream } from 'node:tty';
import picocolors from 'picocolors';

export type Palette = ReturnType<typeof picocolors.createColors>;

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean | undefined };

/** Colours for a stream: never with NO_COLOR, else always with FORCE_COLOR, else only on a terminal. */
export function paletteFor(stream: Output, environment: NodeJS.ProcessEnv = process.env): Palette {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return picocolors.createColors(false);
  return picocolors.createColors(Boolean(FORCE_COLOR) || (stream.isTTY === true && TERM !== 'dumb'));
}
