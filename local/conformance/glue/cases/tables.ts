import type { GlueCase } from '../glue-case.ts';
import {
  createPartitions,
  createTable,
  DATABASE,
  descriptor,
  emptyOrAbsent,
  given,
  OF_TABLE,
  PAGES,
  tableInput,
} from './inputs.ts';

const getTable = { operation: 'GetTable', input: { DatabaseName: DATABASE, Name: 't' } };
const update = (more: object, table: object = {}) => ({
  operation: 'UpdateTable',
  input: { DatabaseName: DATABASE, TableInput: tableInput(table), ...more },
});
const NO_LIMITS = 'accepts it: it has no limits on lengths';

const refusedTable = (name: string, table: object): GlueCase => ({
  name: `${name} is refused`,
  source: `${PAGES}/API_TableInput.html`,
  calls: [{ ...createTable(table), error: { name: 'ValidationException' } }],
  moto: NO_LIMITS,
});

export const tableCases: readonly GlueCase[] = [
  {
    name: 'a database exists once',
    source: `${PAGES}/API_CreateDatabase.html`,
    calls: [
      {
        operation: 'CreateDatabase',
        input: { DatabaseInput: { Name: DATABASE } },
        error: { name: 'AlreadyExistsException', message: 'Database already exists.' },
      },
    ],
  },
  {
    name: 'a database is found as it was created',
    source: `${PAGES}/API_Database.html`,
    calls: [
      { operation: 'DeleteDatabase', input: { Name: DATABASE } },
      {
        operation: 'CreateDatabase',
        input: { DatabaseInput: { Name: DATABASE, Description: 'The lake', Parameters: { owner: 'data' } } },
      },
      {
        operation: 'GetDatabase',
        input: { Name: DATABASE },
        expect: {
          Database: {
            ...{ Name: DATABASE, Description: 'The lake', Parameters: { owner: 'data' } },
            ...{ CreateTime: { $type: 'date' }, CatalogId: { $type: 'string' } },
          },
        },
      },
    ],
  },
  {
    name: 'a database that is deleted is missing, with its tables',
    source: `${PAGES}/API_DeleteDatabase.html`,
    calls: [
      createTable(),
      { operation: 'DeleteDatabase', input: { Name: DATABASE } },
      {
        operation: 'GetDatabase',
        input: { Name: DATABASE },
        error: { name: 'EntityNotFoundException', message: `Database ${DATABASE} not found.` },
      },
      { operation: 'DeleteDatabase', input: { Name: DATABASE }, error: { name: 'EntityNotFoundException' } },
      {
        operation: 'GetTables',
        input: { DatabaseName: DATABASE },
        error: { name: 'EntityNotFoundException' },
      },
      { ...createTable(), error: { name: 'EntityNotFoundException' } },
      { operation: 'CreateDatabase', input: { DatabaseInput: { Name: DATABASE } } },
      { operation: 'GetTables', input: { DatabaseName: DATABASE }, expect: { TableList: [] } },
    ],
  },
  {
    name: 'a table is found as it was created',
    source: `${PAGES}/API_Table.html`,
    calls: [
      createTable({ Description: 'Records', TableType: 'EXTERNAL_TABLE', Parameters: { owner: 'data' } }),
      {
        ...getTable,
        expect: {
          Table: {
            ...{ Name: 't', DatabaseName: DATABASE, Description: 'Records', TableType: 'EXTERNAL_TABLE' },
            StorageDescriptor: {
              Columns: [{ Name: 'id', Type: 'string', Comment: 'what it is' }],
              Location: 's3://lake/t/',
            },
            ...{ PartitionKeys: [{ Name: 'day', Type: 'date' }], Parameters: { owner: 'data' } },
            ...{
              CreateTime: { $type: 'date' },
              CatalogId: { $type: 'string' },
              VersionId: { $type: 'string' },
            },
          },
        },
      },
    ],
  },
  {
    name: 'a table exists once',
    source: `${PAGES}/API_CreateTable.html`,
    calls: [
      createTable(),
      { ...createTable(), error: { name: 'AlreadyExistsException', message: 'Table already exists.' } },
    ],
  },
  {
    name: 'a table that is missing is not found by any operation',
    source: `${PAGES}/API_GetTable.html`,
    calls: [
      { ...getTable, error: { name: 'EntityNotFoundException', message: 'Table t not found.' } },
      { ...update({}), error: { name: 'EntityNotFoundException' } },
      { operation: 'GetTableVersions', input: OF_TABLE, error: { name: 'EntityNotFoundException' } },
      { operation: 'GetPartitions', input: OF_TABLE, error: { name: 'EntityNotFoundException' } },
      { ...createPartitions(['2026-01-01']), error: { name: 'EntityNotFoundException' } },
      {
        operation: 'DeleteTable',
        input: { DatabaseName: DATABASE, Name: 't' },
        error: { name: 'EntityNotFoundException' },
      },
    ],
  },
  {
    name: 'a table is deleted with its partitions',
    source: `${PAGES}/API_DeleteTable.html`,
    calls: [
      createTable(),
      createPartitions(['2026-01-01']),
      { operation: 'DeleteTable', input: { DatabaseName: DATABASE, Name: 't' } },
      createTable(),
      { operation: 'GetPartitions', input: OF_TABLE, expect: { Partitions: [] } },
    ],
  },
  {
    name: 'the first version of a table is 0',
    source: 'undocumented: answers of AWS in public repositories have it',
    calls: [
      createTable(),
      { ...getTable, expect: { Table: { VersionId: '0' } } },
      update({}),
      { ...getTable, expect: { Table: { VersionId: '1' } } },
    ],
    moto: 'begins with 1',
  },
  {
    name: 'an update replaces the whole table, and leaves its partitions',
    source: `${PAGES}/API_UpdateTable.html`,
    calls: [
      createTable({ Parameters: { owner: 'data' } }),
      createPartitions(['2026-01-01']),
      update({}, { StorageDescriptor: descriptor('s3://lake/new/') }),
      {
        ...getTable,
        expect: {
          Table: { StorageDescriptor: { Location: 's3://lake/new/' }, Parameters: emptyOrAbsent({}) },
        },
      },
      { operation: 'GetPartitions', input: OF_TABLE, expect: { Partitions: { $length: 1 } } },
    ],
  },
  {
    name: 'an update of another version than the current one is refused',
    source: `${PAGES}/API_UpdateTable.html`,
    calls: [
      createTable(),
      { ...getTable, as: 'read' },
      update({ VersionId: given('read.Table.VersionId') }),
      {
        ...update({ VersionId: given('read.Table.VersionId') }),
        error: { name: 'ConcurrentModificationException' },
      },
    ],
    moto: 'ignores VersionId, so that the second of two processes undoes what the first one did',
  },
  {
    name: 'an update archives the earlier version',
    source: `${PAGES}/API_UpdateTable.html`,
    calls: [
      createTable(),
      update({}),
      { operation: 'GetTableVersions', input: OF_TABLE, expect: { TableVersions: { $length: 2 } } },
    ],
  },
  {
    name: 'an update with SkipArchive does not archive the earlier version',
    source: `${PAGES}/API_UpdateTable.html`,
    calls: [
      createTable(),
      update({ SkipArchive: true }),
      { operation: 'GetTableVersions', input: OF_TABLE, expect: { TableVersions: { $length: 1 } } },
    ],
    moto: 'ignores SkipArchive',
  },
  {
    name: 'tables are listed page by page',
    source: `${PAGES}/API_GetTables.html`,
    calls: [
      createTable({ Name: 'a' }),
      createTable({ Name: 'b' }),
      {
        operation: 'GetTables',
        input: { DatabaseName: DATABASE, MaxResults: 1 },
        as: 'first',
        expect: { TableList: [{ Name: 'a' }], NextToken: { $type: 'string' } },
      },
      {
        operation: 'GetTables',
        input: { DatabaseName: DATABASE, MaxResults: 1, NextToken: given('first.NextToken') },
        expect: { TableList: [{ Name: 'b' }], NextToken: { $absent: true } },
      },
    ],
    moto: 'returns all of them at once',
  },
  {
    name: 'a page of tables of more than 100 is refused',
    source: `${PAGES}/API_GetTables.html`,
    calls: [
      {
        operation: 'GetTables',
        input: { DatabaseName: DATABASE, MaxResults: 101 },
        error: { name: 'ValidationException' },
      },
    ],
    moto: NO_LIMITS,
  },
  refusedTable('a column comment of 256 characters', {
    StorageDescriptor: { Columns: [{ Name: 'id', Type: 'string', Comment: 'x'.repeat(256) }] },
  }),
  refusedTable('a column comment of two lines', {
    StorageDescriptor: { Columns: [{ Name: 'id', Type: 'string', Comment: 'a\nb' }] },
  }),
  refusedTable('a column name of 256 characters', {
    StorageDescriptor: { Columns: [{ Name: 'x'.repeat(256), Type: 'string' }] },
  }),
  refusedTable('a table name of 256 characters', { Name: 'x'.repeat(256) }),
  refusedTable('a parameter of 512,001 characters', { Parameters: { long: 'x'.repeat(512_001) } }),
  {
    name: 'a column comment of 255 characters is kept',
    source: `${PAGES}/API_Column.html`,
    calls: [
      createTable({ StorageDescriptor: { Columns: [{ Name: 'id', Comment: 'x'.repeat(255) }] } }),
      {
        ...getTable,
        expect: { Table: { StorageDescriptor: { Columns: [{ Comment: 'x'.repeat(255) }] } } },
      },
    ],
  },
];
