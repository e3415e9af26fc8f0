import { z } from 'zod';
import type { Catalog, Table } from './catalog.ts';
import { notFound } from './glue-error.ts';
import { CatalogId, MaxResults, Name, type Operations, page, parametersOf, singleLine } from './request.ts';
import { DatabaseInput, TableInput } from './shapes.ts';

const NextToken = z.string().optional();
const seconds = (ms: number) => ms / 1000;

/** The operations on databases and tables. */
export function tableOperations(catalog: Catalog): Operations {
  return {
    CreateDatabase(input) {
      const schema = z.strictObject({ CatalogId, DatabaseInput });
      catalog.createDatabase(parametersOf(schema, input).DatabaseInput);
      return {};
    },

    GetDatabase(input) {
      const { Name: name } = parametersOf(z.strictObject({ CatalogId, Name }), input);
      return { Database: databaseOf(catalog, name) };
    },

    GetDatabases(input) {
      const schema = z.strictObject({ CatalogId, MaxResults: MaxResults(100), NextToken });
      const { MaxResults: size, NextToken: token } = parametersOf(schema, input);
      const [names, next] = page([...catalog.databases.keys()].toSorted(), size, token);
      return { DatabaseList: names.map((name) => databaseOf(catalog, name)), NextToken: next };
    },

    DeleteDatabase(input) {
      const { Name: name } = parametersOf(z.strictObject({ CatalogId, Name }), input);
      catalog.database(name);
      catalog.databases.delete(name);
      return {};
    },

    CreateTable(input) {
      const schema = z.strictObject({ CatalogId, DatabaseName: Name, TableInput });
      const { DatabaseName, TableInput: table } = parametersOf(schema, input);
      catalog.createTable(DatabaseName, table);
      return {};
    },

    GetTable(input) {
      const schema = z.strictObject({ CatalogId, DatabaseName: Name, Name });
      const { DatabaseName, Name: name } = parametersOf(schema, input);
      return { Table: tableOf(DatabaseName, catalog.table(DatabaseName, name)) };
    },

    GetTables(input) {
      const schema = z.strictObject({
        CatalogId,
        DatabaseName: Name,
        MaxResults: MaxResults(100),
        NextToken,
      });
      const { DatabaseName, MaxResults: size, NextToken: token } = parametersOf(schema, input);
      const { tables } = catalog.database(DatabaseName);
      const [found, next] = page([...tables.values()], size, token);
      return { TableList: found.map((table) => tableOf(DatabaseName, table)), NextToken: next };
    },

    UpdateTable(input) {
      const schema = z.strictObject({
        ...{ CatalogId, DatabaseName: Name, TableInput },
        VersionId: singleLine(1, 255).optional(),
        SkipArchive: z.boolean().default(false),
      });
      const { DatabaseName, TableInput: table, VersionId, SkipArchive } = parametersOf(schema, input);
      catalog.updateTable(catalog.table(DatabaseName, table.Name), table, VersionId, SkipArchive);
      return {};
    },

    DeleteTable(input) {
      const schema = z.strictObject({ CatalogId, DatabaseName: Name, Name });
      const { DatabaseName, Name: name } = parametersOf(schema, input);
      if (!catalog.database(DatabaseName).tables.delete(name)) throw notFound(`Table ${name} not found.`);
      return {};
    },

    GetTableVersions(input) {
      const schema = z.strictObject({
        ...{ CatalogId, DatabaseName: Name, TableName: Name },
        ...{ MaxResults: MaxResults(100), NextToken },
      });
      const { DatabaseName, TableName, MaxResults: size, NextToken: token } = parametersOf(schema, input);
      const table = catalog.table(DatabaseName, TableName);
      const earlier = table.archived.toReversed().map((each) => ({ ...table, ...each }));
      const [versions, next] = page([table, ...earlier], size, token);
      return {
        TableVersions: versions.map((version) => ({
          VersionId: String(version.version),
          Table: tableOf(DatabaseName, version),
        })),
        NextToken: next,
      };
    },
  };
}

function databaseOf(catalog: Catalog, name: string): object {
  const { input, createdAtMs } = catalog.database(name);
  return { ...input, CreateTime: seconds(createdAtMs), CatalogId: ACCOUNT };
}

function tableOf(database: string, { input, version, createdAtMs, updatedAtMs }: Table): object {
  return {
    // As Glue does, for a table without any.
    PartitionKeys: [],
    ...{ Retention: 0, ...input, DatabaseName: database, CatalogId: ACCOUNT },
    ...{ CreateTime: seconds(createdAtMs), UpdateTime: seconds(updatedAtMs) },
    ...{ VersionId: String(version), IsRegisteredWithLakeFormation: false },
  };
}

export const ACCOUNT = '000000000000';
