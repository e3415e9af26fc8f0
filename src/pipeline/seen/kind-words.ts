import type { ScalarSeen } from './seen.ts';

/** What values are called in comments, catalogue and reports. */
const WORDS = {
  N: 'number',
  B: 'binary',
  emptyB: 'empty binary',
  BOOL: 'boolean',
  JSON: 'whole value',
} as const;
const FORMS = { date: 'date', timestamp: 'timestamp', other: 'string' } as const;

/** The kinds of the values seen at one path: `number`, `string`, or, for strings of one form, `date` or `timestamp`. */
export function kindWords({ kinds, textForms }: Pick<ScalarSeen, 'kinds' | 'textForms'>): string[] {
  return kinds.flatMap((kind) =>
    kind !== 'S' ? WORDS[kind] : textForms.length === 0 ? 'string' : textForms.map((form) => FORMS[form]),
  );
}
