/** What the cases create. */
export const PAGES = 'https://docs.aws.amazon.com/glue/latest/webapi';
/** What an earlier answer has, or what the case was given. */
export const given = (path: string) => `\${${path}}`;
export const DATABASE = given('database');
export const OF_TABLE = { DatabaseName: DATABASE, TableName: 't' };

const columns = [{ Name: 'id', Type: 'string', Comment: 'what it is' }];

export const descriptor = (location: string) => ({ Columns: columns, Location: location });

export const tableInput = (more: object = {}) => ({
  Name: 't',
  StorageDescriptor: descriptor('s3://lake/t/'),
  PartitionKeys: [{ Name: 'day', Type: 'date' }],
  ...more,
});

/** @param more of the table */
export const createTable = (more: object = {}) => ({
  operation: 'CreateTable',
  input: { DatabaseName: DATABASE, TableInput: tableInput(more) },
});

export const partition = (values: readonly string[], location = `s3://lake/t/${values.join('/')}/`) => ({
  Values: values,
  StorageDescriptor: descriptor(location),
});

export const createPartitions = (...values: readonly (readonly string[])[]) => ({
  operation: 'BatchCreatePartition',
  input: { ...OF_TABLE, PartitionInputList: values.map((each) => partition(each)) },
});

/** An answer with these partitions, in this order. */
export const found = (...values: readonly (readonly string[])[]) => ({
  Partitions: values.map((each) => ({ Values: each })),
});

export const days = (count: number) =>
  Array.from({ length: count }, (_, i) => [new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10)]);

/** What an answer has of nothing: AWS leaves some of it out. */
export const emptyOrAbsent = (empty: object) => ({ $oneOf: [empty, { $absent: true }] });
