import { count, counted } from '../../pipeline/text/measures.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { markdown } from '../failed-parts.ts';
import type { CatalogueUpdate, ChildrenProgress, DatasetProgress } from './datasets.ts';

/** A run as Markdown, for the Web UI's current details. */
export function datasetDetails(progress: DatasetProgress): string {
  const { dataset, phase, files, records, rejects, batches, partitions, catalogue, failed } = progress;
  return [
    `**${phase === 'done' ? 'Done' : `Running: ${phase}`}**`,
    '',
    `\`${dataset}\`: ${counted(files, 'file')}, ${counted(records, 'record')}, ${counted(rejects, 'reject')}`,
    ...(batches === undefined ? [] : ['', `batches: ${children(batches)}`]),
    ...(partitions === undefined
      ? []
      : [
          '',
          `partitions: ${children(partitions)}${partitions.held > 0 ? `, ${count(partitions.held)} wait for the late pass` : ''}`,
        ]),
    ...(catalogue === undefined ? [] : ['', `catalogue: ${catalogueText(catalogue)}`]),
    ...(failed.length === 0 ? [] : ['', 'Failed; the next run takes them again:']),
    ...failed.map(({ child, code, error }) => `- ${markdown(child)}: ${code}: ${markdown(onOneLine(error))}`),
  ].join('\n');
}

export const catalogueText = ({ table, partitions, added, switched, removed }: CatalogueUpdate): string =>
  `${table} has ${counted(partitions, 'partition')}: ${count(added)} added, ${count(switched)} switched${
    removed === 0 ? '' : `, ${count(removed)} removed`
  }`;

/** Its progress in one line, for the memo. */
export function datasetLine({ phase, batches, partitions }: DatasetProgress): string {
  if (phase === 'read' && batches !== undefined) return `read ${batches.done}/${batches.total}`;
  if (phase === 'build' && partitions !== undefined) return `build ${partitions.done}/${partitions.total}`;
  return phase;
}

const children = ({ total, done, failed }: ChildrenProgress) =>
  `${count(done)} of ${count(total)}${failed > 0 ? `, ${count(failed)} failed` : ''}`;
