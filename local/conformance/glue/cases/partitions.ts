import type { GlueCall, GlueCase } from '../glue-case.ts';
import {
  createPartitions,
  createTable,
  days,
  descriptor,
  emptyOrAbsent,
  found,
  OF_TABLE,
  PAGES,
  partition,
} from './inputs.ts';

const all = (...values: readonly (readonly string[])[]): GlueCall => ({
  operation: 'GetPartitions',
  input: OF_TABLE,
  expect: found(...values),
});
const remove = (...values: readonly (readonly string[])[]) => ({
  operation: 'BatchDeletePartition',
  input: { ...OF_TABLE, PartitionsToDelete: values.map((Values) => ({ Values })) },
});
const get = (...values: readonly (readonly string[])[]) => ({
  operation: 'BatchGetPartition',
  input: { ...OF_TABLE, PartitionsToGet: values.map((Values) => ({ Values })) },
});
const entry = (from: readonly string[], to: readonly string[], location?: string) => ({
  PartitionValueList: from,
  PartitionInput: partition(to, location),
});
const update = (...Entries: readonly object[]) => ({
  operation: 'BatchUpdatePartition',
  input: { ...OF_TABLE, Entries },
});
const EXISTS = { ErrorCode: 'AlreadyExistsException', ErrorMessage: 'Partition already exists.' };
const MISSING = { ErrorCode: 'EntityNotFoundException' };
const NONE_FAILED = { Errors: emptyOrAbsent([]) };

const [first, second, third] = days(3) as [string[], string[], string[]];

const tooMany = (operation: string, most: number, call: GlueCall): GlueCase => ({
  name: `${operation} takes at most ${most} entries`,
  source: `${PAGES}/API_${operation}.html`,
  calls: [createTable(), { ...call, error: { name: 'ValidationException' } }, all()],
  moto: 'has no limits',
});

export const partitionCases: readonly GlueCase[] = [
  {
    name: 'a partition is found as it was created',
    source: `${PAGES}/API_Partition.html`,
    calls: [
      createTable(),
      {
        operation: 'BatchCreatePartition',
        input: {
          ...OF_TABLE,
          PartitionInputList: [{ ...partition(first), Parameters: { generation: '7' } }],
        },
        expect: NONE_FAILED,
      },
      {
        operation: 'GetPartitions',
        input: OF_TABLE,
        expect: {
          Partitions: [
            {
              ...{ Values: first, ...OF_TABLE, Parameters: { generation: '7' } },
              ...{
                StorageDescriptor: descriptor('s3://lake/t/2026-01-01/'),
                CreationTime: { $type: 'date' },
              },
            },
          ],
        },
      },
    ],
  },
  {
    name: 'partitions that exist fail one by one, and the others are created',
    source: `${PAGES}/API_BatchCreatePartition.html`,
    calls: [
      createTable(),
      createPartitions(first),
      {
        ...createPartitions(first, second),
        expect: { Errors: [{ PartitionValues: first, ErrorDetail: EXISTS }] },
      },
      all(first, second),
    ],
  },
  {
    name: 'a partition that is twice in one call is created once',
    source: 'undocumented: entries are taken one after the other',
    calls: [
      createTable(),
      {
        ...createPartitions(first, first),
        expect: { Errors: [{ PartitionValues: first, ErrorDetail: EXISTS }] },
      },
      all(first),
    ],
  },
  {
    name: 'a partition with fewer values than the table has keys fails alone',
    source: `${PAGES}/API_PartitionInput.html`,
    calls: [
      createTable({ PartitionKeys: [{ Name: 'year' }, { Name: 'month' }] }),
      {
        ...createPartitions(['2026'], ['2026', '01']),
        expect: {
          Errors: [{ PartitionValues: ['2026'], ErrorDetail: { ErrorCode: 'InvalidInputException' } }],
        },
      },
      all(['2026', '01']),
    ],
    moto: 'creates it',
  },
  {
    name: 'a partition is updated to another location',
    source: `${PAGES}/API_BatchUpdatePartition.html`,
    calls: [
      createTable(),
      createPartitions(first, second),
      { ...update(entry(first, first, 's3://lake/new/')), expect: NONE_FAILED },
      {
        ...get(first, second),
        expect: {
          Partitions: [
            { StorageDescriptor: { Location: 's3://lake/new/' } },
            { StorageDescriptor: { Location: 's3://lake/t/2026-01-02/' } },
          ],
        },
      },
    ],
  },
  {
    name: 'an update replaces the whole partition',
    source: `${PAGES}/API_BatchUpdatePartition.html`,
    calls: [
      createTable(),
      {
        operation: 'BatchCreatePartition',
        input: { ...OF_TABLE, PartitionInputList: [{ Values: first, Parameters: { generation: '7' } }] },
      },
      update(entry(first, first)),
      { ...get(first), expect: { Partitions: [{ Parameters: emptyOrAbsent({}) }] } },
    ],
  },
  {
    name: 'partitions that are missing fail one by one, and the others are updated',
    source: `${PAGES}/API_BatchUpdatePartition.html`,
    calls: [
      createTable(),
      createPartitions(first),
      {
        ...update(entry(second, second), entry(first, first, 's3://lake/new/')),
        expect: { Errors: [{ PartitionValueList: second, ErrorDetail: MISSING }] },
      },
      { ...get(first), expect: { Partitions: [{ StorageDescriptor: { Location: 's3://lake/new/' } }] } },
    ],
  },
  {
    name: 'a partition can be given other values',
    source: `${PAGES}/API_BatchUpdatePartition.html`,
    calls: [
      createTable(),
      createPartitions(first),
      { ...update(entry(first, second)), expect: NONE_FAILED },
      all(second),
    ],
  },
  {
    name: 'a partition cannot take the values of another one, and stays as it was',
    source: `${PAGES}/API_BatchUpdatePartition.html`,
    calls: [
      createTable(),
      createPartitions(first, second),
      {
        ...update(entry(first, second)),
        expect: { Errors: [{ PartitionValueList: first, ErrorDetail: EXISTS }] },
      },
      all(first, second),
    ],
    moto: 'fails as a whole, and has then lost the partition',
  },
  {
    name: 'an update without entries is refused',
    source: `${PAGES}/API_BatchUpdatePartition.html`,
    calls: [createTable(), { ...update(), error: { name: 'ValidationException' } }],
    moto: 'accepts it',
  },
  {
    name: 'partitions are deleted; those that are missing fail one by one',
    source: `${PAGES}/API_BatchDeletePartition.html`,
    calls: [
      createTable(),
      createPartitions(first, second, third),
      {
        ...remove(second, second, first),
        expect: { Errors: [{ PartitionValues: second, ErrorDetail: MISSING }] },
      },
      all(third),
    ],
  },
  {
    name: 'BatchGetPartition leaves out those that are missing, and reports none unprocessed',
    source: `${PAGES}/API_BatchGetPartition.html`,
    calls: [
      createTable(),
      createPartitions(second),
      { ...get(first, second), expect: { ...found(second), UnprocessedKeys: emptyOrAbsent([]) } },
    ],
  },
  tooMany('BatchCreatePartition', 100, createPartitions(...days(101))),
  tooMany('BatchUpdatePartition', 100, update(...days(101).map((day) => entry(day, day)))),
  tooMany('BatchDeletePartition', 25, remove(...days(26))),
  tooMany('BatchGetPartition', 1000, get(...days(1001))),
  {
    name: 'a batch may have as many entries as the limit',
    source: `${PAGES}/API_BatchCreatePartition.html`,
    calls: [
      createTable(),
      { ...createPartitions(...days(100)), expect: NONE_FAILED },
      { ...update(...days(100).map((day) => entry(day, day))), expect: NONE_FAILED },
      { ...remove(...days(25)), expect: NONE_FAILED },
      { ...get(...days(1000)), expect: { Partitions: { $length: 75 } } },
    ],
  },
];
