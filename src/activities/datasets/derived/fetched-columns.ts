import { RecordModule } from '../../../modules/record-module.ts';
import type { DescribedColumn } from '../../../pipeline/datasets/catalogue/dataset-table.ts';
import type { FetchedDefinition } from '../../../pipeline/datasets/derived/fetched-definition.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { usable } from '../record-modules.ts';

/** Loading a module takes a thread: its columns are found once per version. */
const known = new Map<string, readonly DescribedColumn[]>();

/** The columns of a fetched dataset. @throws Terminal `ModuleUnusable` */
export async function fetchedColumns(
  { recordModules }: Pick<Dependencies, 'recordModules'>,
  { fetch, partition: { timezone }, limits: { seconds, memoryMegabytes } }: FetchedDefinition,
): Promise<readonly DescribedColumn[]> {
  const { bundle, file } = await recordModules.bundleOf(fetch);
  const before = known.get(bundle);
  if (before !== undefined) return before;
  const module = await usable(() =>
    RecordModule.load(bundle, { file, timezone, limits: { memoryMegabytes, blockSeconds: seconds } }),
  );
  await module.close();
  const columns = module.columns.map(({ name, type, comment }) => ({
    ...{ name, type },
    ...(comment === undefined ? {} : { comment }),
  }));
  known.set(bundle, columns);
  return columns;
}
