import { BulkLoad } from '../../pipeline/bulk-load/bulk-load.ts';
import { bulkLoadKey } from '../../pipeline/loader/loader-directory.ts';
import type { Document } from '../document.ts';
import type { LoaderFiles } from './batch-files.ts';

/** What a bulk load asked for. */
export const bulkLoadDocument = ({ store, at }: LoaderFiles, name: string): Document<BulkLoad> => ({
  store,
  key: bulkLoadKey(at, name),
  schema: BulkLoad,
  remedy: 'Start the load under another name.',
});
