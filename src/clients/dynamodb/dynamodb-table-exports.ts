import {
  DescribeContinuousBackupsCommand,
  DescribeExportCommand,
  type DynamoDBClient,
  ExportTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb';
import { awsError } from '../aws/aws-errors.ts';
import type { ExportState, RequestedWindow, TableExports } from '../table-exports.ts';
import { exportCases } from './dynamodb-errors.ts';

/** Exports of DynamoDB tables to S3, in DynamoDB's JSON. */
export function createDynamoDBTableExports({ client }: { readonly client: DynamoDBClient }): TableExports {
  return {
    async request({ tableArn, bucket, prefix, token, window }, { signal } = {}) {
      const command = new ExportTableToPointInTimeCommand({
        TableArn: tableArn,
        S3Bucket: bucket,
        ...(prefix === '' ? {} : { S3Prefix: prefix }),
        ExportFormat: 'DYNAMODB_JSON',
        ClientToken: token,
        ...(window === undefined ? {} : incremental(window)),
      });
      try {
        const { ExportDescription: described } = await client.send(command, abortable(signal));
        const { ExportArn: arn } = described ?? {};
        if (arn === undefined) throw new Error(`DynamoDB returned no ARN for the export of ${tableArn}.`);
        return arn;
      } catch (error) {
        throw awsError(error, {
          doing: `export ${tableArn} to s3://${bucket}/${prefix}`,
          action: 'dynamodb:ExportTableToPointInTime',
          cases: exportCases(tableArn),
          signal,
        });
      }
    },

    async describe(arn, { signal } = {}): Promise<ExportState> {
      try {
        const command = new DescribeExportCommand({ ExportArn: arn });
        const { ExportDescription: described } = await client.send(command, abortable(signal));
        const { ExportStatus: status = 'IN_PROGRESS', FailureCode, FailureMessage } = described ?? {};
        const failure = [FailureCode, FailureMessage].filter((text) => text !== undefined).join(': ');
        return { status, ...(failure === '' ? {} : { failure }) };
      } catch (error) {
        throw awsError(error, {
          doing: `describe the export ${arn}`,
          action: 'dynamodb:DescribeExport',
          cases: exportCases(arn),
          signal,
        });
      }
    },

    async restorable(table, { signal } = {}) {
      try {
        const command = new DescribeContinuousBackupsCommand({ TableName: table });
        const { ContinuousBackupsDescription: described } = await client.send(command, abortable(signal));
        const {
          PointInTimeRecoveryStatus: status,
          EarliestRestorableDateTime: earliest,
          LatestRestorableDateTime: latest,
        } = described?.PointInTimeRecoveryDescription ?? {};
        if (status !== 'ENABLED' || earliest === undefined || latest === undefined) return undefined;
        return { earliest: earliest.getTime() / 1000, latest: latest.getTime() / 1000 };
      } catch (error) {
        throw awsError(error, {
          doing: `describe point-in-time recovery of ${table}`,
          action: 'dynamodb:DescribeContinuousBackups',
          cases: exportCases(table),
          signal,
        });
      }
    },
  };
}

const dateOf = (seconds: number) => new Date(seconds * 1000);

const incremental = ({ from, to, viewType }: RequestedWindow) => ({
  ExportType: 'INCREMENTAL_EXPORT' as const,
  IncrementalExportSpecification: {
    ExportFromTime: dateOf(from),
    ExportToTime: dateOf(to),
    ExportViewType: viewType,
  },
});

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal };
}
