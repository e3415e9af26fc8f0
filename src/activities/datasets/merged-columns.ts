import { Terminal } from '../../clients/errors.ts';
import { differingColumns } from '../../pipeline/datasets/catalogue/differing-columns.ts';
import type { Generation } from '../../pipeline/datasets/documents.ts';
import type { TableColumn } from '../../pipeline/datasets/parquet/column-type.ts';
import { type WrittenColumns, withEarlierColumns } from '../../pipeline/datasets/parquet/earlier-columns.ts';
import type { NextInputs } from '../../pipeline/datasets/partitions/next-inputs.ts';
import type { OpenDataset } from './open-dataset.ts';

interface Merge {
  readonly partition: string;
  /** Of the record module. */
  readonly columns: readonly TableColumn[];
  /** The generation whose rows stay, if some do. */
  readonly staying: Pick<Generation, 'files' | 'columns'> | undefined;
  readonly added: NextInputs['added'];
}

/**
 * The columns of a partition's next generation: those of the record module, and those that it no longer has and the partition has.
 * @throws Terminal `DatasetTypesDiffer` if a column has another type in what is merged
 */
export function mergedColumns(
  dataset: OpenDataset,
  { partition, columns, staying, added }: Merge,
): readonly TableColumn[] {
  const before = staying === undefined || staying.files.length === 0 ? [] : staying.columns;
  const offered = added.flatMap(({ offer, inputs }) =>
    offer.file === undefined
      ? []
      : [
          {
            columns: offer.columns ?? [],
            input: offer.inputs.find(({ number }) => (inputs[number] ?? null) !== null),
          },
        ],
  );
  const all = withEarlierColumns(columns, [before, ...offered.map((offer) => offer.columns)]);
  const differing = (written: WrittenColumns) => differingColumns(written, all).join('; ');
  if (differing(before) !== '')
    throw differs(
      `${partition} has rows of an earlier record module: ${differing(before)}. ${advice(dataset)}`,
    );
  for (const { columns: own, input } of offered) {
    if (differing(own) === '' || input === undefined) continue;
    throw differs(
      `Intake ${input.intake} read s3://${dataset.source.store.bucket}/${input.key} with version ${input.code} of the record module: ` +
        `${differing(own)}. The next run reads the file again with the current module. If this remains, the file was deleted or ` +
        'changed: upload it again.',
    );
  }
  return all;
}

const advice = ({ name, definition }: OpenDataset) =>
  'Restore the types in the record module, and restart the workers: the next run reads again what waits. Or give the column another ' +
  'name. To change a type, rebuild all days that have the earlier one' +
  (definition.store.catalogue.kind === 'none' ? '' : ', with another table in store.catalogue') +
  `: \`tributary dataset rebuild ${name} --from <day> --to <day>\`.`;

const differs = (what: string) => new Terminal('DatasetTypesDiffer', `Nothing was published: ${what}`);
