import { z } from 'zod';
import { DynamodbError } from '../dynamodb-error.ts';
import type { Operations } from '../request.ts';
import type { StreamedTable } from '../streams/stream.ts';
import type { Answer, Upstream } from '../upstream.ts';
import type { RecoveredTable, Recovery } from './recovery.ts';
import type { TableExport, TableExports } from './table-exports.ts';

/** AWS exports nothing that is newer, and no window that is shorter or longer. */
const RESTORABLE_LAG_MS = 5 * 60 * 1000;
const WINDOW_MS = { least: 15 * 60 * 1000, most: 24 * 3600 * 1000 };

const seconds = z.number();

const ExportRequest = z.object({
  TableArn: z.string(),
  S3Bucket: z.string().min(3),
  S3Prefix: z.string().default(''),
  ClientToken: z.string().optional(),
  ExportTime: seconds.optional(),
  ExportFormat: z.enum(['DYNAMODB_JSON', 'ION']).default('DYNAMODB_JSON'),
  ExportType: z.enum(['FULL_EXPORT', 'INCREMENTAL_EXPORT']).default('FULL_EXPORT'),
  IncrementalExportSpecification: z
    .object({
      ExportFromTime: seconds,
      ExportToTime: seconds.optional(),
      ExportViewType: z.enum(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES']).default('NEW_AND_OLD_IMAGES'),
    })
    .optional(),
});
type ExportRequest = z.output<typeof ExportRequest>;

interface ExportOperationsOptions {
  readonly upstream: Upstream;
  readonly recovery: Recovery;
  readonly exports: TableExports;
}

/** The operations of point-in-time recovery and of exports. The emulator does not learn of either. */
export function exportOperations({ upstream, recovery, exports }: ExportOperationsOptions): Operations {
  return {
    async UpdateContinuousBackups({ parameters }) {
      const { TableName, PointInTimeRecoverySpecification: specification } = parse(
        z.object({
          TableName: z.string(),
          PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }),
        }),
        parameters,
      );
      const { table, tableId } = await described(TableName);
      if (specification.PointInTimeRecoveryEnabled) recovery.enable(table, tableId);
      else recovery.disable(table.name);
      return answer({ ContinuousBackupsDescription: shownRecovery(table.name) });
    },

    async DescribeContinuousBackups({ parameters }) {
      const { TableName } = parse(z.object({ TableName: z.string() }), parameters);
      const { table } = await described(TableName);
      return answer({ ContinuousBackupsDescription: shownRecovery(table.name) });
    },

    async ExportTableToPointInTime({ parameters }) {
      const request = parse(ExportRequest, parameters);
      const { table } = await described(request.TableArn);
      const recovered = recovery.enabledOf(table.name);
      if (recovered === undefined) {
        throw new DynamodbError(
          'PointInTimeRecoveryUnavailableException',
          `Point in time recovery is not enabled for table '${table.name}'`,
        );
      }
      if (request.ExportFormat === 'ION') throw invalid('The local DynamoDB exports DYNAMODB_JSON only.');
      const begun = exports.begin(recovered, {
        ...{ bucket: request.S3Bucket, prefix: request.S3Prefix, token: request.ClientToken },
        exportTimeMs: timeOf(request, recovered),
        ...windowOf(request, recovered),
      });
      return answer({ ExportDescription: shownExport(begun) });
    },

    async DescribeExport({ parameters }) {
      const { ExportArn } = parse(z.object({ ExportArn: z.string() }), parameters);
      const found = exports.find(ExportArn);
      if (found !== undefined) return answer({ ExportDescription: shownExport(found) });
      throw new DynamodbError('ExportNotFoundException', `Export not found: ${ExportArn}`);
    },

    async ListExports({ parameters }) {
      const { TableArn } = parse(z.object({ TableArn: z.string().optional() }), parameters);
      const listed = exports
        .all()
        .filter(({ recovered }) => [undefined, recovered.table.arn].includes(TableArn));
      return answer({
        ExportSummaries: listed.map(({ arn, status, wanted }) => ({
          ExportArn: arn,
          ExportStatus: status,
          ExportType: wanted.window === undefined ? 'FULL_EXPORT' : 'INCREMENTAL_EXPORT',
        })),
      });
    },
  };

  /** @throws DynamodbError `TableNotFoundException` */
  async function described(nameOrArn: string): Promise<{ table: StreamedTable; tableId: string }> {
    const TableName = nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
    const { Table } = await upstream
      .call<{ Table: { TableArn: string; TableId?: string; KeySchema: StreamedTable['keySchema'] } }>(
        'DescribeTable',
        { TableName },
      )
      .catch((error: unknown) => {
        if (!String(error).includes('ResourceNotFoundException')) throw error;
        throw new DynamodbError('TableNotFoundException', `Table not found: ${TableName}`);
      });
    const { TableArn: arn, TableId: tableId = 'unknown', KeySchema: keySchema } = Table;
    return { table: { name: TableName, arn, keySchema }, tableId };
  }

  function shownRecovery(table: string): object {
    const recovered = recovery.enabledOf(table);
    return {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription:
        recovered === undefined
          ? { PointInTimeRecoveryStatus: 'DISABLED' }
          : {
              PointInTimeRecoveryStatus: 'ENABLED',
              RecoveryPeriodInDays: 35,
              EarliestRestorableDateTime: recovered.enabledAtMs / 1000,
              LatestRestorableDateTime: latestMs(recovered) / 1000,
            },
    };
  }

  function latestMs({ enabledAtMs, clock }: RecoveredTable): number {
    return Math.max(enabledAtMs, clock.nowMs() - RESTORABLE_LAG_MS);
  }

  function timeOf({ ExportTime: at }: ExportRequest, recovered: RecoveredTable): number | undefined {
    if (at === undefined) return undefined;
    if (at * 1000 >= recovered.enabledAtMs && at * 1000 <= recovered.clock.nowMs()) return at * 1000;
    throw outside();
  }

  function windowOf(request: ExportRequest, recovered: RecoveredTable) {
    const { ExportType, IncrementalExportSpecification: specification } = request;
    if ((ExportType === 'INCREMENTAL_EXPORT') !== (specification !== undefined))
      throw invalid('IncrementalExportSpecification is for INCREMENTAL_EXPORT, which needs it.');
    if (specification === undefined) return {};
    const latest = latestMs(recovered);
    const fromMs = specification.ExportFromTime * 1000;
    const toMs = (specification.ExportToTime ?? latest / 1000) * 1000;
    const length = toMs - fromMs;
    if (length < WINDOW_MS.least || length > WINDOW_MS.most)
      throw invalid('The export period must be from 15 minutes to 24 hours.');
    if (fromMs < recovered.enabledAtMs || toMs > latest) throw outside();
    return { window: { fromMs, toMs, viewType: specification.ExportViewType } };
  }
}

function shownExport(each: TableExport): object {
  const { arn, id, recovered, wanted, status, startedAtMs, endedAtMs, exportTimeMs, failure } = each;
  const folder = wanted.prefix === '' || wanted.prefix.endsWith('/') ? wanted.prefix : `${wanted.prefix}/`;
  const { window } = wanted;
  return {
    ...{ ExportArn: arn, ExportStatus: status, StartTime: startedAtMs / 1000 },
    ...(endedAtMs !== undefined && { EndTime: endedAtMs / 1000 }),
    ...{ TableArn: recovered.table.arn, TableId: recovered.tableId, S3Bucket: wanted.bucket },
    ...(wanted.prefix !== '' && { S3Prefix: wanted.prefix }),
    ...(wanted.token !== undefined && { ClientToken: wanted.token }),
    ExportFormat: 'DYNAMODB_JSON',
    ...(window === undefined
      ? { ExportType: 'FULL_EXPORT', ExportTime: exportTimeMs / 1000 }
      : {
          ExportType: 'INCREMENTAL_EXPORT',
          IncrementalExportSpecification: {
            ExportFromTime: window.fromMs / 1000,
            ExportToTime: window.toMs / 1000,
            ExportViewType: window.viewType,
          },
        }),
    ...(status === 'COMPLETED' && {
      ExportManifest: `${folder}AWSDynamoDB/${id}/manifest-summary.json`,
      ItemCount: each.itemCount,
    }),
    ...(failure !== undefined && { FailureCode: failure.code, FailureMessage: failure.message }),
  };
}

function answer(body: object): Answer {
  return {
    status: 200,
    rawHeaders: ['content-type', 'application/x-amz-json-1.0'],
    body: Buffer.from(JSON.stringify(body)),
  };
}

const invalid = (message: string) => new DynamodbError('ValidationException', message);
const outside = () =>
  new DynamodbError(
    'InvalidExportTimeException',
    'The specified ExportTime is outside of the point in time recovery window.',
  );

function parse<Schema extends z.ZodType>(schema: Schema, parameters: unknown): z.output<Schema> {
  const parsed = schema.safeParse(parameters);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return parsed.data;
}
