import type { BatchResult, Generation, Input, IntakePlan, Taken } from '../documents.ts';

/** An intake that is not closed. */
export interface OpenIntake {
  readonly plan: IntakePlan;
  /** Of the batches that are done, by their numbers. */
  readonly results: ReadonlyMap<number, BatchResult>;
}

/** The batches that are neither done nor given up. */
export const unreadBatches = ({ plan, results }: OpenIntake): IntakePlan['batches'] =>
  plan.batches.filter(({ number }) => !results.has(number));

/** All batches are done, or were given up: nothing more will be offered. */
export const isRead = (intake: OpenIntake): boolean => unreadBatches(intake).length === 0;

/** It rebuilds days, and one of its batches was given up: nothing of it is published, whatever the others read. */
export const isGivenUp = ({ plan, results }: OpenIntake): boolean =>
  plan.reread?.range !== undefined && [...results.values()].some(({ parked }) => parked !== undefined);

/** What was read of it is published. */
export const isOffered = (intake: OpenIntake): boolean => isRead(intake) && !isGivenUp(intake);

/** The partitions that an intake touches, with the inputs that they must name before it is closed. */
export function touched({ results }: Pick<OpenIntake, 'results'>): Map<string, Input[]> {
  const found = new Map<string, Input[]>();
  for (const { partitions } of results.values())
    for (const { partition, inputs } of partitions) {
      const own = found.get(partition) ?? [];
      found.set(partition, own);
      for (const input of inputs) own.push(input);
    }
  return found;
}

/** Whether a generation has what an intake offers: each of the files, or a newer one under its key. */
export function names(generation: Pick<Generation, 'inputs'> | undefined, inputs: readonly Input[]): boolean {
  const known = new Map(generation?.inputs.map((input) => [input.key, input]));
  return inputs.every((input) => {
    const found = known.get(input.key);
    return (
      found !== undefined &&
      (found.intake >= input.intake || (found.etag === input.etag && input.reread !== true))
    );
  });
}

/** What the index says of an intake's files, once it can be closed. */
export function takenOf({ plan, results }: OpenIntake): Taken['files'] {
  const partitions = new Map<string, string[]>();
  for (const result of results.values())
    for (const { partition, inputs } of result.partitions)
      for (const { key, rows } of inputs)
        if (rows > 0) partitions.set(key, [...(partitions.get(key) ?? []), partition]);
  // The rows of the earlier version stay.
  const damaged = new Set([...results.values()].flatMap((result) => result.damaged));
  for (const { key, partitions: earlier } of plan.overwritten)
    if (damaged.has(key)) partitions.set(key, earlier);
  return plan.batches.flatMap(({ number, files }) => {
    const result = results.get(number);
    if (result === undefined || result.parked !== undefined) return [];
    const missing = new Set(result.missing);
    return files
      .filter(({ key }) => !missing.has(key))
      .map((file) => ({ ...file, intake: plan.intake, partitions: partitions.get(file.key) ?? [] }));
  });
}
