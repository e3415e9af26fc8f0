/** A graph of datasets as it is drawn: as text, Mermaid, SVG and a page. */

export const STATES = ['complete', 'ready', 'waits', 'blocked', 'held', 'failed'] as const;
export type DrawnState = (typeof STATES)[number];

/** What a state means, in a few words. */
export const STATE_WORDS: Readonly<Record<DrawnState, string>> = {
  complete: 'complete',
  ready: 'can be built now',
  waits: 'waits for inputs',
  blocked: 'an input is missing',
  held: 'waits for an approval',
  failed: 'failed',
};

interface DrawnPartition {
  /** Its day or month. */
  readonly partition: string;
  readonly state: DrawnState;
  readonly reason: string;
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

/** `12 complete, 1 blocked`. */
export function countsText({ counts }: Pick<DrawnDataset, 'counts'>): string {
  const parts = STATES.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`);
  return parts.length === 0 ? 'no partitions' : parts.join(', ');
}
