import type { AgreedSchema } from '../schema/agreed-schema.ts';
import { nameConflicts } from '../schema/schema-names.ts';
import type { Plan } from './plan.ts';

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
    ...(isMixed
      ? [
          `the mapping differs from that of run ${refersTo.run}: it applies to the items set aside, while all others keep ` +
            'the tables and columns they had; the next run applies it to every item',
        ]
      : []),
  ];
}

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
