import { z } from 'zod';
import { type Catalog, keyOf, type Table } from './catalog.ts';
import { conditionOf } from './expression.ts';
import { GlueError } from './glue-error.ts';
import { CatalogId, MaxResults, most, Name, type Operations, page, parametersOf } from './request.ts';
import { PartitionInput, Values } from './shapes.ts';
import { ACCOUNT } from './table-operations.ts';

const OfTable = { CatalogId, DatabaseName: Name, TableName: Name };
const Segment = z
  .strictObject({
    SegmentNumber: z.number().int().min(0),
    TotalSegments: z.number().int().min(1).max(10),
  })
  .refine(
    ({ SegmentNumber, TotalSegments }) => SegmentNumber < TotalSegments,
    'SegmentNumber must be less than TotalSegments',
  );

/** The operations on partitions. Those in batches report the errors of entries, and succeed. */
export function partitionOperations(catalog: Catalog): Operations {
  const list = (database: string, name: string, partitions: Iterable<Partition>, isBrief = false) =>
    [...partitions].map(({ input: { StorageDescriptor: descriptor, ...input }, createdAtMs }) => ({
      ...input,
      StorageDescriptor: isBrief ? { ...descriptor, Columns: undefined } : descriptor,
      ...{ DatabaseName: database, TableName: name, CatalogId: ACCOUNT, CreationTime: createdAtMs / 1000 },
    }));

  return {
    GetPartitions(input) {
      const schema = z.strictObject({
        ...OfTable,
        MaxResults: MaxResults(1000),
        NextToken: z.string().optional(),
        ExcludeColumnSchema: z.boolean().default(false),
        Expression: z.string().max(2048, most(2048)).default(''),
        Segment: Segment.default({ SegmentNumber: 0, TotalSegments: 1 }),
      });
      const { DatabaseName, TableName, Segment: segment, ...given } = parametersOf(schema, input);
      const { partitions, input: table } = catalog.table(DatabaseName, TableName);
      const isWanted =
        given.Expression.trim() === ''
          ? () => true
          : conditionOf(given.Expression, table.PartitionKeys ?? []);
      const sorted = [...partitions]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, each]) => each)
        .filter((_, index) => index % segment.TotalSegments === segment.SegmentNumber)
        .filter((each) => isWanted(each.input.Values ?? []));
      const [found, NextToken] = page(sorted, given.MaxResults, given.NextToken);
      return { Partitions: list(DatabaseName, TableName, found, given.ExcludeColumnSchema), NextToken };
    },

    BatchGetPartition(input) {
      const PartitionsToGet = z.array(z.strictObject({ Values })).max(1000, most(1000));
      const { DatabaseName, TableName, ...given } = parametersOf(
        z.strictObject({ ...OfTable, PartitionsToGet }),
        input,
      );
      const { partitions } = catalog.table(DatabaseName, TableName);
      const found = given.PartitionsToGet.flatMap((each) => partitions.get(keyOf(each.Values)) ?? []);
      return { Partitions: list(DatabaseName, TableName, found), UnprocessedKeys: [] };
    },

    BatchCreatePartition(input) {
      const PartitionInputList = z.array(PartitionInput).max(100, most(100));
      const { DatabaseName, TableName, ...given } = parametersOf(
        z.strictObject({ ...OfTable, PartitionInputList }),
        input,
      );
      const table = catalog.table(DatabaseName, TableName);
      return errors(
        given.PartitionInputList,
        (partition) => catalog.createPartition(table, partition),
        (partition) => ({ PartitionValues: partition.Values ?? [] }),
      );
    },

    BatchUpdatePartition(input) {
      const Entry = z.strictObject({ PartitionValueList: Values.max(100, most(100)), PartitionInput });
      const Entries = z
        .array(Entry)
        .min(1, 'Member must have length greater than or equal to 1')
        .max(100, most(100));
      const { DatabaseName, TableName, ...given } = parametersOf(
        z.strictObject({ ...OfTable, Entries }),
        input,
      );
      const table = catalog.table(DatabaseName, TableName);
      return errors(
        given.Entries,
        (entry) => catalog.updatePartition(table, entry.PartitionValueList, entry.PartitionInput),
        ({ PartitionValueList }) => ({ PartitionValueList }),
      );
    },

    BatchDeletePartition(input) {
      const PartitionsToDelete = z.array(z.strictObject({ Values })).max(25, most(25));
      const { DatabaseName, TableName, ...given } = parametersOf(
        z.strictObject({ ...OfTable, PartitionsToDelete }),
        input,
      );
      const table = catalog.table(DatabaseName, TableName);
      return errors(
        given.PartitionsToDelete,
        (entry) => catalog.deletePartition(table, entry.Values),
        (entry) => ({ PartitionValues: entry.Values }),
      );
    },
  };
}

type Partition = Table['partitions'] extends Map<string, infer Each> ? Each : never;

/** Performs each entry; one that fails does not affect the others. Without errors, the answer has no list of them. */
function errors<T>(entries: readonly T[], perform: (entry: T) => void, named: (entry: T) => object): object {
  const failed = entries.flatMap((entry) => {
    try {
      perform(entry);
      return [];
    } catch (error) {
      if (!(error instanceof GlueError)) throw error;
      return [{ ...named(entry), ErrorDetail: error.detail }];
    }
  });
  return failed.length === 0 ? {} : { Errors: failed };
}
