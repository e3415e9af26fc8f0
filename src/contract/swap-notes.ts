import type { Swapped } from './refresh-activities.ts';

/** Views that a note names. A report with thousands of names would hide everything else. */
const VIEWS_NAMED = 200;

/** What a report, or the result of a rollback, says about a swap, as sentences. */
export function swapNotes({
  note,
  views = [],
  schema,
}: Pick<Swapped, 'note' | 'views' | 'schema'>): string[] {
  const more = views.length > VIEWS_NAMED ? ` and ${views.length - VIEWS_NAMED} more` : '';
  const named = views.slice(0, VIEWS_NAMED).join(', ');
  return [
    ...(note === undefined ? [] : [note]),
    ...(schema === undefined ? [] : [schema]),
    ...(views.length === 0 ? [] : [`Bound views that the swap recreated: ${named}${more}.`]),
  ];
}
