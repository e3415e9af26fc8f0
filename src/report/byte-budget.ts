import type { Html } from './html.ts';

/** Bytes left for fold-outs, so that the page stays small enough to send and open. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /**
   * Returns the piece if it fits, else undefined.
   * @param leastBytes lower bound of its size: a piece that cannot fit is not built.
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
