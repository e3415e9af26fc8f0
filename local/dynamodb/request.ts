import type { IncomingMessage } from 'node:http';
import type { Answer } from './upstream.ts';

/** A client's request to DynamoDB, read in full. */
export interface DynamodbRequest {
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly parameters: Record<string, unknown>;
}

/** Operations of DynamoDB that this server does not merely pass on. */
export type Operations = Readonly<Record<string, (request: DynamodbRequest) => Promise<Answer>>>;
