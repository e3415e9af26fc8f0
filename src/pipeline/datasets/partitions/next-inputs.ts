import { compareBytes } from '../../sql/identifier.ts';
import type { BatchResult, Generation, Input } from '../documents.ts';

/** What a batch offers to a partition. */
export type Offer = BatchResult['partitions'][number];

/** A batch's file, and those of its inputs whose rows are wanted, by their number in the file. */
export interface WantedRows {
  readonly offer: Offer;
  readonly inputs: readonly number[];
}

/** How the next generation of a partition follows from the current one and from what batches offer. */
export interface NextInputs {
  /** Nothing is new: the partition stays as it is. */
  readonly isUnchanged: boolean;
  /** All inputs of the next generation, by key. */
  readonly inputs: readonly Input[];
  /** Inputs of the current generation whose rows stay, by their number there. */
  readonly kept: readonly number[];
  readonly added: readonly WantedRows[];
}

/**
 * A row arrives once because a generation lists the files whose rows it holds: a file (key and ETag) that is listed already adds
 * nothing, however often it is offered, and by however many runs. Another ETag under a known key is a newer file if its intake
 * is later, or within one intake, if it was modified later: its rows replace those of the older one. An older one adds nothing.
 */
export function nextInputs(
  current: Pick<Generation, 'inputs'> | undefined,
  offers: readonly Offer[],
): NextInputs {
  const newest = new Map<string, { input: Input; from: 'current' | Offer; number: number }>();
  for (const [number, input] of (current?.inputs ?? []).entries())
    newest.set(input.key, { input, from: 'current', number });
  for (const offer of offers) {
    for (const [number, input] of offer.inputs.entries()) {
      const known = newest.get(input.key)?.input;
      if (known === undefined || (known.etag !== input.etag && isNewer(input, known)))
        newest.set(input.key, { input, from: offer, number });
    }
  }
  const all = [...newest.values()].toSorted((a, b) => compareBytes(a.input.key, b.input.key));
  const kept = all.flatMap(({ from, number }) => (from === 'current' ? [number] : []));
  const added = new Map<Offer, number[]>();
  for (const { from, number } of all)
    if (from !== 'current') added.set(from, [...(added.get(from) ?? []), number]);
  return {
    isUnchanged: added.size === 0,
    inputs: all.map(({ input }) => input),
    kept,
    added: [...added].map(([offer, inputs]) => ({ offer, inputs })),
  };
}

const isNewer = (a: Input, b: Input) =>
  a.intake > b.intake || (a.intake === b.intake && a.modified > b.modified);
