/** 128-bit FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
const OFFSET_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;
const MASK = (1n << 128n) - 1n;

/**
 * The id of an event: a hash of what caused it. The same cause always has the same id, on every attempt, on every worker,
 * and when a workflow is reset and meets the same cause again. Two causes differ in at least one part.
 *
 * Workflow code calls it, where Node's crypto is missing. The parts are ids and names, not chosen by an adversary, so a hash
 * that only spreads well is enough.
 * @param parts what identifies the cause. The order counts; parts may contain anything
 * @returns 32 hexadecimal digits
 */
export function eventId(parts: readonly string[]): string {
  let hash = OFFSET_BASIS;
  const text = JSON.stringify(parts);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (const byte of [unit & 0xff, unit >> 8]) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  }
  return hash.toString(16).padStart(32, '0');
}
