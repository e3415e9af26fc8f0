import { readFileSync } from 'node:fs';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Item, loadItems } from '../local/demo/load-items.ts';

export const EXAMPLES = ['single-table', 'nested-documents', 'time-series'] as const;
export type Example = (typeof EXAMPLES)[number];

/** The text of an example's file. */
export const exampleFile = (example: Example, file: string): string =>
  readFileSync(new URL(`${example}/${file}`, import.meta.url), 'utf8');

/** Creates an example's DynamoDB table (`table.json`) and puts its items (`items.jsonl`). @returns their number. */
export async function loadExample(client: DynamoDBClient, example: Example): Promise<number> {
  const table = JSON.parse(exampleFile(example, 'table.json')) as CreateTableCommandInput & {
    TableName: string;
  };
  const lines = exampleFile(example, 'items.jsonl').trimEnd().split('\n');
  await client.send(new CreateTableCommand(table));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table.TableName });
  await loadItems(
    client,
    table.TableName,
    lines.map((line): Item => JSON.parse(line)),
  );
  return lines.length;
}
