import { type DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { awsError } from '../aws/aws-errors.ts';

/** The names of all tables in the client's account and region, sorted. */
export async function listTables(client: DynamoDBClient, signal?: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  let from: string | undefined;
  do {
    const page = await nextPage(client, from, signal);
    for (const name of page.TableNames ?? []) names.push(name);
    from = page.LastEvaluatedTableName;
  } while (from !== undefined);
  return names.sort();
}

async function nextPage(client: DynamoDBClient, from: string | undefined, signal: AbortSignal | undefined) {
  try {
    return await client.send(
      new ListTablesCommand(from === undefined ? {} : { ExclusiveStartTableName: from }),
      signal === undefined ? {} : { abortSignal: signal },
    );
  } catch (error) {
    throw awsError(error, { doing: 'list the DynamoDB tables', action: 'dynamodb:ListTables', signal });
  }
}
