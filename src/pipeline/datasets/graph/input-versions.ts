import { createHash } from 'node:crypto';

/** A partition that a generation was built from. */
export interface BuiltFrom {
  readonly dataset: string;
  readonly partition: string;
  /** What its rows were: equal rows have equal versions. */
  readonly version: string;
}

const keyOf = ({ dataset, partition }: BuiltFrom) => `${dataset} ${partition}`;

/** Of all versions together, in any order. */
export function versionsHash(inputs: readonly BuiltFrom[]): string {
  const lines = inputs.map((input) => `${keyOf(input)} ${input.version}\n`).toSorted();
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 32);
}

/** What of a partition's rows identifies them: columns, count and sums; of text, its hash. */
export const contentVersion = ({
  columnsId,
  rows,
  sums,
  text,
}: {
  readonly columnsId: string;
  readonly rows: number;
  readonly sums: readonly string[];
  readonly text?: string | undefined;
}): string => [columnsId, rows, ...(text === undefined ? sums : [text])].join(':');

/** Inputs of each kind that are named. */
const NAMED = 3;

/** How the inputs of a partition differ from those that it was built from, in a few words; the first few of each kind. */
export function differenceOf(before: readonly BuiltFrom[], after: readonly BuiltFrom[]): string {
  const old = new Map(before.map((input) => [keyOf(input), input.version]));
  const current = new Set(after.map(keyOf));
  const changed = after.filter((input) => old.has(keyOf(input)) && old.get(keyOf(input)) !== input.version);
  const added = after.filter((input) => !old.has(keyOf(input)));
  const gone = before.filter((input) => !current.has(keyOf(input)));
  const kinds = [
    { inputs: changed, what: ['changed', 'changed'] },
    { inputs: added, what: ['is new', 'are new'] },
    { inputs: gone, what: ['is no longer read', 'are no longer read'] },
  ];
  return kinds
    .filter(({ inputs }) => inputs.length > 0)
    .map(({ inputs, what: [one, several] }) => {
      const named = inputs.slice(0, NAMED).map(keyOf).join(', ');
      const more = inputs.length > NAMED ? ` and ${inputs.length - NAMED} more` : '';
      return `${named}${more} ${inputs.length === 1 ? one : several}`;
    })
    .join('; ');
}
