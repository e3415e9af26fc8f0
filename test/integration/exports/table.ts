import {
  DescribeTableCommand,
  type DynamoDBClient,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { testStack } from '../setup/stack.ts';

/** Enables or disables point-in-time recovery. @returns the table's ARN */
export async function setRecovery(client: DynamoDBClient, table: string, enabled = true): Promise<string> {
  await client.send(
    new UpdateContinuousBackupsCommand({
      TableName: table,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: enabled },
    }),
  );
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  return Table?.TableArn as string;
}

/** The control API of the local DynamoDB. */
export async function control(what: string, body: object): Promise<void> {
  const response = await fetch(`${testStack().dynamodb.endpoint}/_control/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}
