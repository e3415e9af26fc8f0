import { fineDuration } from '../../pipeline/text/measures.ts';

/** A graph of datasets as it is drawn: as text, Mermaid, SVG and a page. */

export const STATES = ['complete', 'ready', 'waits', 'blocked', 'held', 'failed'] as const;
export type DrawnState = (typeof STATES)[number];

/** What a state means, in a few words. */
export const STATE_WORDS: Readonly<Record<DrawnState, string>> = {
  complete: 'complete',
  ready: 'can be built now',
  waits: 'waits for inputs',
  blocked: 'an input is missing, or failed',
  held: 'waits for an approval',
  failed: 'failed',
};

export interface DrawnPartition {
  /** Its day or month. */
  readonly partition: string;
  readonly state: DrawnState;
  readonly reason: string;
  /** The command that helps, as it is typed. */
  readonly help?: string;
  /** What it reads: `transactions 2026-11-01`. */
  readonly inputs?: readonly string[];
  /** How long its build took. */
  readonly milliseconds?: number;
}

/** How long builds of a dataset took. */
interface DrawnDurations {
  readonly medianMs: number;
  /** The partition that was built last. */
  readonly last: { readonly partition: string; readonly milliseconds: number };
  readonly slowest: { readonly partition: string; readonly milliseconds: number };
}

export interface DrawnDataset {
  readonly name: string;
  readonly kind: 'source' | 'derived' | 'fetched';
  readonly unit?: 'day' | 'month';
  readonly reads: readonly {
    readonly dataset: string;
    readonly rule: string;
    readonly isReference: boolean;
  }[];
  readonly counts: Readonly<Record<DrawnState, number>>;
  /** Every partition that it has or is to have, oldest first. */
  readonly partitions: readonly DrawnPartition[];
  /** Absent if none was measured. */
  readonly durations?: DrawnDurations;
  /** Partitions of which its step gave other rows of the same inputs: some of them, and how many there are. */
  readonly unstable?: { readonly partitions: readonly string[]; readonly total: number };
}

export interface GraphPicture {
  /** Each after all that it reads. */
  readonly datasets: readonly DrawnDataset[];
  /** The time for which the plan was made. */
  readonly at: string;
}

/** The worst state of a dataset: what its box shows. */
export const stateOf = ({ counts }: Pick<DrawnDataset, 'counts'>): DrawnState =>
  (['failed', 'blocked', 'held', 'waits', 'ready'] as const).find((state) => counts[state] > 0) ?? 'complete';

/** `12 complete`, `1 blocked`: each state that there is. */
export function countTexts({ counts }: Pick<DrawnDataset, 'counts'>): string[] {
  const parts = STATES.filter((state) => counts[state] > 0).map(
    (state) => `${counts[state].toLocaleString('en')} ${state}`,
  );
  return parts.length === 0 ? ['no partitions'] : parts;
}

/** `12 complete, 1 blocked`. */
export const countsText = (dataset: Pick<DrawnDataset, 'counts'>): string => countTexts(dataset).join(', ');

export const took = (milliseconds: number): string => fineDuration(milliseconds / 1000);

/** `days-of-month of daily_stats`. */
export const readText = ({ dataset, rule, isReference }: DrawnDataset['reads'][number]): string =>
  `${rule} of ${dataset}${isReference ? ' (reference)' : ''}`;

/** What is wrong with a step that gives other rows of the same inputs, and what to do. */
export const unstableText = ({ partitions, total }: NonNullable<DrawnDataset['unstable']>): string => {
  const more =
    total > partitions.length ? ` and ${(total - partitions.length).toLocaleString('en')} more` : '';
  return (
    `unstable: built again by the same step from the same inputs, ${partitions.join(', ')}${more} had other rows. ` +
    'So each rebuild makes stale what reads them. Make the step depend on its inputs only: order its rows, sum decimals.'
  );
};

/** As many texts per line as fit, separated by commas. */
export function filledLines(texts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + text.length + 2 <= width)
      lines[lines.length - 1] = `${last}, ${text}`;
    else lines.push(text);
  }
  return lines;
}
