import { z } from 'zod';
import { most, Name, singleLine } from './request.ts';

/**
 * What clients give, within Glue's limits. What is not here is refused by name.
 * https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html
 */

const Parameters = z.record(singleLine(1, 255), z.string().max(512_000, most(512_000)));

const Column = z.strictObject({
  Name: Name,
  Type: singleLine(0, 131_072).optional(),
  Comment: singleLine(0, 255).optional(),
  Parameters: Parameters.optional(),
});

const StorageDescriptor = z.strictObject({
  Columns: z.array(Column).optional(),
  Location: z.string().max(2056, most(2056)).optional(),
  InputFormat: singleLine(0, 128).optional(),
  OutputFormat: singleLine(0, 128).optional(),
  Compressed: z.boolean().optional(),
  NumberOfBuckets: z.number().int().optional(),
  SerdeInfo: z
    .strictObject({
      Name: singleLine(1, 255).optional(),
      SerializationLibrary: singleLine(1, 255).optional(),
      Parameters: Parameters.optional(),
    })
    .optional(),
  BucketColumns: z.array(singleLine(1, 255)).optional(),
  SortColumns: z.array(z.strictObject({ Column: Name, SortOrder: z.number().int() })).optional(),
  Parameters: Parameters.optional(),
  StoredAsSubDirectories: z.boolean().optional(),
});

const Description = z.string().max(2048, most(2048)).optional();

export const DatabaseInput = z.strictObject({
  Name: Name,
  Description,
  LocationUri: z.string().min(1).max(1024, most(1024)).optional(),
  Parameters: Parameters.optional(),
});
export type DatabaseInput = z.output<typeof DatabaseInput>;

export const TableInput = z
  .strictObject({
    Name: Name,
    Description,
    Owner: singleLine(1, 255).optional(),
    LastAccessTime: z.number().optional(),
    LastAnalyzedTime: z.number().optional(),
    Retention: z.number().int().min(0).optional(),
    StorageDescriptor: StorageDescriptor.optional(),
    PartitionKeys: z.array(Column).optional(),
    TableType: singleLine(0, 255).optional(),
    Parameters: Parameters.optional(),
  })
  .refine(
    ({ StorageDescriptor: descriptor, PartitionKeys: keys = [] }) => {
      const names = [...(descriptor?.Columns ?? []), ...keys].map((column) => column.Name);
      return new Set(names).size === names.length;
    },
    // Glue accepts it, and Athena then fails: "Duplicate column name".
    { path: ['StorageDescriptor', 'Columns'], message: 'Member must have each column name once' },
  );
export type TableInput = z.output<typeof TableInput>;

export const Values = z.array(z.string().min(1).max(1024, most(1024)));

export const PartitionInput = z.strictObject({
  Values: Values.optional(),
  StorageDescriptor: StorageDescriptor.optional(),
  Parameters: Parameters.optional(),
  LastAccessTime: z.number().optional(),
  LastAnalyzedTime: z.number().optional(),
});
export type PartitionInput = z.output<typeof PartitionInput>;
