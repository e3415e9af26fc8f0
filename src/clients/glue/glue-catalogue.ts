import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchUpdatePartitionCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  type ErrorDetail,
  GetPartitionsCommand,
  GetTableCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { z } from 'zod';
import type { TableAddress } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import { tableName } from '../../pipeline/datasets/catalogue/plan-table.ts';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import { awsError, nameOf } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import type { Catalogue, PartitionFailure } from '../catalogue.ts';
import { Transient } from '../errors.ts';
import type { CallOptions } from '../object-store.ts';
import { entryKind, glueCases } from './glue-errors.ts';
import { Found, FoundPartition, partitionInput, tableInput } from './glue-shapes.ts';

/** Glue's limits on the entries of one call. */
const MAX_WRITTEN = 100;
const MAX_DELETED = 25;
const ATTEMPT_SECONDS = 60;

export const glueClient = (address: ServiceAddress): GlueClient =>
  limitAttempts(new GlueClient(clientSettings(address)), ATTEMPT_SECONDS);

/** The Glue Data Catalog of an account, in one region. */
export function createGlueCatalogue({ client }: { readonly client: GlueClient }): Catalogue {
  /**
   * Calls Glue and classifies failures.
   * @param expected names of exceptions that are answers
   */
  async function attempt<T, Expected extends string = never>(
    what: { readonly doing: string; readonly action: string; readonly table: string } & CallOptions,
    call: (send: object) => Promise<T>,
    expected: readonly Expected[] = [],
  ): Promise<T | Expected> {
    const { signal, table } = what;
    try {
      return await call(signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      const answer = expected.find((name) => name === nameOf(error));
      if (answer !== undefined) return answer;
      throw awsError(error, { ...what, cases: glueCases(table) });
    }
  }

  const about = (address: TableAddress, verb: string, action: string, { signal }: CallOptions = {}) => ({
    doing: `${verb} ${tableName(address)} in the Glue catalogue`,
    action: `glue:${action}`,
    table: tableName(address),
    signal,
  });
  const names = ({ database, table }: TableAddress) => ({ DatabaseName: database, TableName: table });

  return {
    async createDatabase(name, { signal } = {}) {
      const doing = `create the database ${name} in the Glue catalogue`;
      const answer = await attempt(
        { doing, action: 'glue:CreateDatabase', table: name, signal },
        async (send) => await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: name } }), send),
        ['AlreadyExistsException'],
      );
      return answer === 'AlreadyExistsException' ? 'exists' : 'created';
    },

    async table(address, options) {
      const what = about(address, 'read', 'GetTable', options);
      const command = new GetTableCommand({ DatabaseName: address.database, Name: address.table });
      const answer = await attempt(what, async (send) => await client.send(command, send), [
        'EntityNotFoundException',
      ]);
      return answer === 'EntityNotFoundException' ? undefined : readable(Found, answer.Table, what.doing);
    },

    async createTable(address, table, options) {
      const { database: DatabaseName, table: name } = address;
      const command = new CreateTableCommand({ DatabaseName, TableInput: tableInput(name, table) });
      const answer = await attempt(
        about(address, 'create', 'CreateTable', options),
        async (send) => await client.send(command, send),
        ['AlreadyExistsException', 'EntityNotFoundException'],
      );
      if (answer === 'EntityNotFoundException') return 'no database';
      return answer === 'AlreadyExistsException' ? 'exists' : 'created';
    },

    async updateTable(address, table, options) {
      const command = new UpdateTableCommand({
        DatabaseName: address.database,
        TableInput: tableInput(address.table, table),
        VersionId: table.version,
        // Glue keeps at most 100,000 versions of a table.
        SkipArchive: true,
      });
      const answer = await attempt(
        about(address, 'update', 'UpdateTable', options),
        async (send) => await client.send(command, send),
        ['ConcurrentModificationException', 'EntityNotFoundException'],
      );
      return typeof answer === 'string' ? 'changed' : 'updated';
    },

    async *partitions(address, options) {
      const what = about(address, 'list the partitions of', 'GetPartitions', options);
      let NextToken: string | undefined;
      do {
        const command = new GetPartitionsCommand({ ...names(address), MaxResults: 1000, NextToken });
        const page = await attempt(what, async (send) => await client.send(command, send), [
          'EntityNotFoundException',
        ]);
        if (page === 'EntityNotFoundException') return;
        for (const partition of page.Partitions ?? []) yield readable(FoundPartition, partition, what.doing);
        NextToken = page.NextToken;
      } while (NextToken !== undefined && NextToken !== '');
    },

    async createPartitions(address, partitions, options) {
      const what = about(address, 'add partitions to', 'BatchCreatePartition', options);
      return await inBatches(partitions, MAX_WRITTEN, async (batch) => {
        const PartitionInputList = batch.map(partitionInput);
        const command = new BatchCreatePartitionCommand({ ...names(address), PartitionInputList });
        const { Errors = [] } = await attempt(what, async (send) => await client.send(command, send));
        return Errors.map(({ PartitionValues, ErrorDetail }) => failure(PartitionValues, ErrorDetail));
      });
    },

    async updatePartitions(address, partitions, options) {
      const what = about(address, 'update partitions of', 'BatchUpdatePartition', options);
      return await inBatches(partitions, MAX_WRITTEN, async (batch) => {
        const Entries = batch.map((partition) => ({
          PartitionValueList: [...partition.values],
          PartitionInput: partitionInput(partition),
        }));
        const command = new BatchUpdatePartitionCommand({ ...names(address), Entries });
        const { Errors = [] } = await attempt(what, async (send) => await client.send(command, send));
        return Errors.map(({ PartitionValueList, ErrorDetail }) => failure(PartitionValueList, ErrorDetail));
      });
    },

    async deletePartitions(address, values, options) {
      const what = about(address, 'delete partitions of', 'BatchDeletePartition', options);
      return await inBatches(values, MAX_DELETED, async (batch) => {
        const PartitionsToDelete = batch.map((each) => ({ Values: [...each] }));
        const command = new BatchDeletePartitionCommand({ ...names(address), PartitionsToDelete });
        const { Errors = [] } = await attempt(what, async (send) => await client.send(command, send));
        return Errors.map(({ PartitionValues, ErrorDetail }) => failure(PartitionValues, ErrorDetail));
      });
    },
  };
}

/** One call after the other: those of partitions that come later are not lost to an earlier one's failed entries. */
async function inBatches<T>(
  entries: readonly T[],
  most: number,
  call: (batch: readonly T[]) => Promise<readonly PartitionFailure[]>,
): Promise<PartitionFailure[]> {
  const failures: PartitionFailure[][] = [];
  for (let start = 0; start < entries.length; start += most)
    failures.push([...(await call(entries.slice(start, start + most)))]);
  return failures.flat();
}

function failure(values: readonly string[] = [], detail: ErrorDetail = {}): PartitionFailure {
  const { ErrorCode: code = 'Unknown', ErrorMessage: message = '' } = detail;
  return { values, kind: entryKind(code), message: `${code}: ${message}` };
}

/** @throws Transient `DamagedAnswer` if the answer does not have the form that Glue documents */
function readable<T>(schema: z.ZodType<T>, answer: unknown, doing: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Transient(
    'DamagedAnswer',
    `Cannot ${doing}: Glue’s answer has another form than documented. ${z.prettifyError(parsed.error)}`,
  );
}
