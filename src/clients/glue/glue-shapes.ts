import type { PartitionInput, StorageDescriptor, TableInput } from '@aws-sdk/client-glue';
import { z } from 'zod';
import type {
  CatalogueColumn,
  FoundTable,
  PartitionDefinition,
  TableDefinition,
} from '../../pipeline/datasets/catalogue/catalogue-table.ts';

/** Between tables as we have them and Glue's structures. */

const Columns = z
  .array(z.object({ Name: z.string(), Type: z.string().default(''), Comment: z.string().optional() }))
  .default([])
  .transform((columns) =>
    columns.map(
      ({ Name: name, Type: type, Comment: comment }): CatalogueColumn => ({
        ...{ name, type },
        ...(comment !== undefined && { comment }),
      }),
    ),
  );
const Descriptor = z.looseObject({ Columns, Location: z.string().default('') }).prefault({});
const Parameters = z.record(z.string(), z.string()).default({});

/** What a TableInput may have: the rest of a table is Glue's own. https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html */
const GIVEN_BACK = ['Description', 'Owner', 'Retention', 'TableType', 'LastAccessTime', 'LastAnalyzedTime'];

export const Found = z
  .looseObject({
    VersionId: z.string(),
    StorageDescriptor: Descriptor,
    PartitionKeys: Columns,
    Parameters,
  })
  .transform(
    (table): FoundTable => ({
      columns: table.StorageDescriptor.Columns,
      partitionKeys: table.PartitionKeys,
      location: table.StorageDescriptor.Location,
      parameters: table.Parameters,
      version: table.VersionId,
      others: {
        ...Object.fromEntries(Object.entries(table).filter(([key]) => GIVEN_BACK.includes(key))),
        StorageDescriptor: table.StorageDescriptor,
      } satisfies Others,
    }),
  );

export const FoundPartition = z
  .object({ Values: z.array(z.string()), StorageDescriptor: Descriptor, Parameters })
  .transform(
    ({ Values, StorageDescriptor: { Columns: columns, Location: location }, Parameters: parameters }) =>
      ({ values: Values, location, columns, parameters }) satisfies PartitionDefinition,
  );

/** Of a found table. */
interface Others {
  readonly StorageDescriptor: unknown;
}

/** The classes by which Hive's readers, Athena and Spectrum read Parquet. */
const PARQUET: StorageDescriptor = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: {
    SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    Parameters: { 'serialization.format': '1' },
  },
  // Of text files: Parquet compresses its own pages.
  Compressed: false,
};

export function tableInput(name: string, table: TableDefinition | FoundTable): TableInput {
  const { StorageDescriptor: before, ...others } = 'others' in table ? (table.others as Others) : NEW;
  return {
    ...others,
    Name: name,
    StorageDescriptor: {
      ...(before as StorageDescriptor),
      ...PARQUET,
      Location: table.location,
      Columns: columnsOf(table.columns),
    },
    PartitionKeys: columnsOf(table.partitionKeys),
    Parameters: { ...table.parameters },
  };
}

const NEW = { TableType: 'EXTERNAL_TABLE', StorageDescriptor: {} };

export const partitionInput = ({
  values,
  location,
  columns,
  parameters,
}: PartitionDefinition): PartitionInput => ({
  Values: [...values],
  StorageDescriptor: { ...PARQUET, Location: location, Columns: columnsOf(columns) },
  Parameters: { ...parameters },
});

const columnsOf = (columns: readonly CatalogueColumn[]) =>
  columns.map(({ name, type, comment }) => ({
    ...{ Name: name, Type: type },
    ...(comment !== undefined && { Comment: comment }),
  }));
