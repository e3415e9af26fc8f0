import type { UnfinishedPartition } from '../../../contract/datasets/graph.ts';
import { onOneLine } from '../../../pipeline/text/sentences.ts';
import { asTypedHere } from '../../terminal/invocation.ts';
import { count } from '../../terminal/measures.ts';

/** So many partitions in a row, for the same reason, are one line. */
const FEW = 3;

/** Partitions that are not complete, and why. Those in a row that have the same reason are together. */
export function unfinishedLines(partitions: readonly UnfinishedPartition[]): string[] {
  const groups: UnfinishedPartition[][] = [];
  for (const each of partitions) {
    const last = groups.at(-1);
    if (last !== undefined && keyOf(last[0] as UnfinishedPartition) === keyOf(each)) last.push(each);
    else groups.push([each]);
  }
  return groups.flatMap((group) => (group.length < FEW ? group.map(lineOf) : [lineOfMany(group)]));
}

/** The same for partitions whose reasons differ only in their own value: `transactions 2026-11-01 is missing`. */
const keyOf = ({ dataset, partition, state, reason }: UnfinishedPartition) =>
  JSON.stringify([dataset, state, reason.replaceAll(partition, '')]);

function lineOf({ dataset, partition, state, reason, inputs = [] }: UnfinishedPartition): string {
  const line = `${state.padEnd(7)} ${dataset} ${partition}: ${asTypedHere(onOneLine(reason))}`;
  return inputs.length === 0 ? line : `${line}\n${' '.repeat(8)}reads ${inputs.join(', ')}`;
}

function lineOfMany(group: readonly UnfinishedPartition[]): string {
  const { dataset, partition, state, reason } = group[0] as UnfinishedPartition;
  const andSoOn = reason.includes(partition) ? ', and so on' : '';
  return `${state.padEnd(7)} ${dataset} ${partition} to ${group.at(-1)?.partition} (${count(group.length)}): ${asTypedHere(onOneLine(reason))}${andSoOn}`;
}
