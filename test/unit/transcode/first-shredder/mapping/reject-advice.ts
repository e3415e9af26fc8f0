import { MAX_VARCHAR_BYTES, NULL_TEXT } from '../item/csv.ts';

/** Reasons why a key cannot be written. No mapping helps: a key is part of every row, exactly as it is. */
export const KEY_WITH_SURROGATE = 'a key contains half of a surrogate pair, which UTF-8 cannot encode';
export const KEY_WITH_NUL = 'a key contains U+0000, which VARCHAR cannot hold';
export const KEY_TOO_LONG = `a key is longer than ${MAX_VARCHAR_BYTES} bytes, which VARCHAR cannot hold`;
export const KEY_IS_SENTINEL = `a key is ${NULL_TEXT}, which means NULL in the part files`;

const KEY_REASONS: ReadonlySet<string> = new Set([
  KEY_WITH_SURROGATE,
  KEY_WITH_NUL,
  KEY_TOO_LONG,
  KEY_IS_SENTINEL,
]);

/** How the items that a run set aside for these reasons get into the tables after all: one sentence. */
export function rejectAdvice(reasons: readonly string[], run: string): string {
  const keys = reasons.filter((reason) => KEY_REASONS.has(reason));
  const mapped = `change the mapping and run "tributary rejects replay ${run} --wait", or correct them in DynamoDB and start a new run`;
  const rekeyed =
    'write them to DynamoDB under another key and start a new run, because no mapping changes a key';
  if (keys.length === 0) return `To include them, ${mapped}.`;
  if (keys.length === reasons.length) return `To include them, ${rekeyed}.`;
  return `To include those with such a key, ${rekeyed}. To include the others, ${mapped}.`;
}
