/** Counts, sizes, times and bars as text. */

export { byteSize, count, counted, duration, instant } from '../../pipeline/text/measures.ts';

/** A bar of `width` cells. A part above zero fills at least one cell. Only the whole fills all of them. */
export function bar(part: number, whole: number, width: number): string {
  const share = whole === 0 ? 1 : part / whole;
  let filled = Math.round(share * width);
  if (part > 0) filled = Math.max(filled, 1);
  if (part < whole) filled = Math.min(filled, width - 1);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
