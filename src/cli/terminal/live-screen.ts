import type { WriteStream } from 'node:tty';

/** Control codes of ECMA-48 and xterm, which all current terminal emulators support. */
const CURSOR_HIDE = '\x1b[?25l';
const CURSOR_SHOW = '\x1b[?25h';
const WRAP_OFF = '\x1b[?7l';
const WRAP_ON = '\x1b[?7h';
const ERASE_BELOW = '\x1b[0J';
const upLines = (n: number) => (n > 0 ? `\x1b[${n}F` : '\r');

/**
 * A few lines at the bottom of a terminal that are redrawn in place. The terminal cuts long lines, and surplus lines
 * are left out, so that the block never scrolls and never leaves copies of itself behind.
 */
export class LiveScreen {
  readonly #stream: WriteStream;
  #drawn = 0;
  #last = '';
  #open = false;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, this.#stream.rows - 1));
    const text = shown.join('\n');
    if (this.#open && text === this.#last) return;
    const begin = this.#open ? upLines(this.#drawn) : CURSOR_HIDE;
    this.#stream.write(`${begin}${WRAP_OFF}${ERASE_BELOW}${text}\n${WRAP_ON}`);
    this.#open = true;
    this.#last = text;
    this.#drawn = shown.length;
  }

  /** Shows the cursor again, and keeps or erases what was drawn last. May be called twice. */
  close(keep: boolean): void {
    if (!this.#open) return;
    this.#stream.write(keep ? CURSOR_SHOW : `${upLines(this.#drawn)}${ERASE_BELOW}${CURSOR_SHOW}`);
    this.#open = false;
  }
}
