import type { Html } from './html.ts';

/** How many bytes of fold-outs a page may still hold, so that it stays a page one can send and open. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /**
   * The piece if there is room for it, and nothing otherwise.
   * @param leastBytes what it takes at least: one that cannot fit is not made.
   */
  afford(make: () => Html, leastBytes = 0): Html | undefined {
    if (leastBytes > this.#left) return undefined;
    const piece = make();
    const bytes = Buffer.byteLength(piece.text);
    if (bytes > this.#left) return undefined;
    this.#left -= bytes;
    return piece;
  }
}
