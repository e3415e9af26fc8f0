import { beyondSchema, unmatchedTexts } from '../../mapping/unmatched.ts';
import type { AgreedSchema } from '../../schema/agreed-schema.ts';
import { nameConflicts } from '../../schema/schema-names.ts';
import type { Plan } from '../plan.ts';

/** Messages about what this run did not apply of its mapping. */
export function mappingNotes(plan: Plan, agreed: AgreedSchema): string[] {
  const { definition, refersTo, source } = plan;
  const { mapping } = definition;
  // The plan refuses such names. A run or inference that was in progress at the same time can still take one.
  const conflicts = nameConflicts(agreed, { ...source, mapping }).map(
    ({ title, name, holder }) =>
      `the mapping gives ${title} the name ${name}, but ${holder} got it first; the next run will refuse that name`,
  );
  const isMixed = refersTo !== undefined && readingOf(refersTo.mapping) !== readingOf(mapping);
  return [
    ...conflicts,
    ...leavingOutNothing(plan, agreed),
    ...(plan.hashedOtherwise === undefined ? [] : [otherKeyText(plan.hashedOtherwise)]),
    ...(isMixed
      ? [
          `the mapping differs from that of run ${refersTo.run}: it applies to the items set aside, while all others keep ` +
            'the tables and columns they had; the next run applies it to every item',
        ]
      : []),
  ];
}

/** What the plan's sample tells about settings that leave no trace in a run. The others follow from what the run saw. */
function leavingOutNothing({ definition: { mapping }, unmatched }: Plan, agreed: AgreedSchema): string[] {
  if (unmatched === undefined) return [];
  const { items, settings } = beyondSchema(unmatched, agreed);
  const untraced = settings.filter(
    ({ setting, path }) =>
      setting === 'exclude' ||
      setting === 'where' ||
      (setting === 'columns' && mapping.columns[path]?.ignore),
  );
  return unmatchedTexts({ items, settings: untraced });
}

/** @param run the live run, whose values were hashed with another key */
export const otherKeyText = (run: string): string =>
  `the hashes change: TRIBUTARY_HASH_KEY differs from that of run ${run}, which was live when this was planned, so no hash equals an earlier one`;

/** What of a mapping decides where an item's values go. Names and types apply to every row. */
function readingOf({ columns, entities, maxDepth, include, exclude }: Plan['definition']['mapping']): string {
  const treated = Object.entries(columns)
    .map(
      ([path, { ignore, asSuper, asRows, split }]) => [path, !!ignore, !!asSuper, !!asRows, !!split] as const,
    )
    .filter(([, ...settings]) => settings.includes(true))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([treated, entities, maxDepth, include, exclude]);
}
