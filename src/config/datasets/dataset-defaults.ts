import { z } from 'zod';
import { GlueName, StorePrefix } from '../../pipeline/datasets/definition.ts';
import { BucketName, RegionName } from '../../pipeline/definition/aws-names.ts';

/** Settings that all datasets share. */
export const DatasetDefaults = z.strictObject({
  store: z
    .strictObject({
      bucket: BucketName.describe('The S3 bucket of the tables.'),
      prefix: StorePrefix.describe(
        'The key prefix of the tables. Each has a folder of its own there, with its name.',
      ),
      catalogue: z
        .strictObject({
          kind: z.literal('glue').describe('The tables are kept in the Glue Data Catalog.'),
          database: GlueName.describe(
            'The database of the tables. Each has the name of its dataset, with `_` for `-`.',
          ),
          region: RegionName.optional().describe("The catalogue's region, if it differs from the bucket's."),
        })
        .optional()
        .describe('Where engines find the tables. Default: nowhere.'),
    })
    .describe('Where the tables of datasets are that have no `store` of their own.'),
});

type Tree = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A dataset with the place that it has by default. Nothing is validated yet. */
export function withStore(name: string, own: Tree, defaults: unknown): Tree {
  const shared = isMap(defaults) ? defaults.store : undefined;
  if (!isMap(shared) || (own.store !== undefined && !isMap(own.store))) return own;
  const { prefix, catalogue, ...others } = shared;
  return {
    ...own,
    store: {
      ...others,
      ...(typeof prefix === 'string' ? { prefix: `${prefix.replace(/\/$/, '')}/${name}` } : { prefix }),
      ...(isMap(catalogue) ? { catalogue: { ...catalogue, table: name.replaceAll('-', '_') } } : {}),
      ...own.store,
    },
  };
}
