import { compareBytes } from '../../sql/identifier.ts';
import type { BatchResult, Generation, Input, NumberedInput } from '../documents.ts';

/** What a batch offers to a partition. */
export type Offer = BatchResult['partitions'][number] & Pick<BatchResult, 'columns'>;

/** A batch's rows, and which of them are wanted. */
interface AddedRows {
  readonly offer: Offer;
  /** By an input's number within the batch, its number in the partition; null if its rows are not wanted. */
  readonly inputs: readonly (number | null)[];
}

/** How the next generation of a partition follows from the current one and from what batches offer. */
export interface NextInputs {
  /** Nothing is new: the partition stays as it is. */
  readonly isUnchanged: boolean;
  /** All inputs of the next generation, by key. */
  readonly inputs: readonly NumberedInput[];
  readonly nextInput: number;
  /** The numbers of the inputs whose rows go, because their files were overwritten. */
  readonly dropped: readonly number[];
  readonly added: readonly AddedRows[];
}

/**
 * A row arrives once because a generation lists the files whose rows it holds: a file (key and ETag) that is listed already adds
 * nothing, however often it is offered, and by however many runs. Another ETag under a known key is a newer file if its intake
 * is later: its rows replace those of the older one, as do those of a file that a later intake has read again. An older one adds
 * nothing.
 */
export function nextInputs(
  current: Pick<Generation, 'inputs' | 'nextInput'> | undefined,
  offers: readonly Offer[],
): NextInputs {
  const before = new Map(current?.inputs.map((input) => [input.key, input]));
  const newest = new Map<string, Input>(before);
  for (const { inputs } of offers)
    for (const input of inputs) {
      const known = newest.get(input.key);
      if (known === undefined || replaces(input, known)) newest.set(input.key, input);
    }

  let nextInput = current?.nextInput ?? 0;
  const numbers = new Map<Input, number>();
  const inputs = [...newest.values()]
    .toSorted((a, b) => compareBytes(a.key, b.key))
    .map((input): NumberedInput => {
      const known = before.get(input.key);
      if (known === input) return known;
      const number = nextInput++;
      numbers.set(input, number);
      return { ...input, number };
    });
  const isUnchanged = numbers.size === 0;
  // Each once, should one batch's result be given twice.
  const take = (input: Input) => {
    const number = numbers.get(input) ?? null;
    numbers.delete(input);
    return number;
  };
  return {
    isUnchanged,
    inputs,
    nextInput,
    dropped: [...before.values()].flatMap((input) => (newest.get(input.key) === input ? [] : [input.number])),
    added: offers
      .map((offer) => ({ offer, inputs: byNumber(offer.inputs, take) }))
      .filter((added) => added.inputs.some((number) => number !== null)),
  };
}

/** Whether the rows of one input replace those of another one with its key. */
export const replaces = (input: Input, known: Input): boolean =>
  input.intake > known.intake && (input.etag !== known.etag || input.reread === true);

/** By the inputs' numbers, what they become. */
function byNumber(inputs: Offer['inputs'], take: (input: Input) => number | null): (number | null)[] {
  const most = inputs.reduce((greatest, { number }) => Math.max(greatest, number), -1);
  const found = Array.from({ length: most + 1 }, (): number | null => null);
  for (const input of inputs) found[input.number] = take(input);
  return found;
}
