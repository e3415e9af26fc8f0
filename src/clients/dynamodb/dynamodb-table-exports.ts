import {
  DescribeExportCommand,
  type DynamoDBClient,
  ExportTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb';
import { awsError } from '../aws/aws-errors.ts';
import type { ExportState, TableExports } from '../table-exports.ts';
import { exportCases } from './dynamodb-errors.ts';

/** Exports of DynamoDB tables to S3, in DynamoDB's JSON. */
export function createDynamoDBTableExports({ client }: { readonly client: DynamoDBClient }): TableExports {
  return {
    async request({ tableArn, bucket, prefix, token }, { signal } = {}) {
      const command = new ExportTableToPointInTimeCommand({
        TableArn: tableArn,
        S3Bucket: bucket,
        ...(prefix === '' ? {} : { S3Prefix: prefix }),
        ExportFormat: 'DYNAMODB_JSON',
        ClientToken: token,
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
  };
}

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal };
}
