/** Counts, sizes and times as people read them; on a terminal, bars too. */

export { byteSize, count, counted, duration, instant } from '../../report/measures.ts';

/** A bar of `width` cells. A part that is not nothing shows at least one cell, and only the whole fills it. */
export function bar(part: number, whole: number, width: number): string {
  const share = whole === 0 ? 1 : part / whole;
  let filled = Math.round(share * width);
  if (part > 0) filled = Math.max(filled, 1);
  if (part < whole) filled = Math.min(filled, width - 1);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
