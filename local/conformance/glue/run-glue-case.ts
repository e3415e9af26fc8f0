import { randomUUID } from 'node:crypto';
import * as api from '@aws-sdk/client-glue';
import { fillIn } from '../../../packages/redshift-data-local/conformance/fill-in.ts';
import { differences } from '../../../packages/redshift-data-local/conformance/match.ts';
import type { GlueCall, GlueCase } from './glue-case.ts';

const commands = api as unknown as Record<string, new (input: object) => never>;

/** A client for an endpoint; without one, for AWS. Local servers take any credentials. */
export const conformanceClient = (endpoint: string | undefined): api.GlueClient =>
  new api.GlueClient(
    endpoint === undefined
      ? {}
      : { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } },
  );

/** Makes the calls of a case in a database of its own, which is deleted at the end. @returns how the first failed; undefined if none did */
export async function runGlueCase({ calls }: GlueCase, client: api.GlueClient): Promise<string | undefined> {
  const database = `conformance_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const names = new Map<string, unknown>([['database', database]]);
  await client.send(new api.CreateDatabaseCommand({ DatabaseInput: { Name: database } }));
  try {
    for (const [index, written] of calls.entries()) {
      const call = fillIn(written, names) as GlueCall;
      const failure = await made(call, client, names);
      if (failure !== undefined) return `call ${index + 1} (${call.operation}): ${failure}`;
    }
    return undefined;
  } finally {
    // A case may have deleted it.
    await client.send(new api.DeleteDatabaseCommand({ Name: database })).catch(() => {});
  }
}

async function made(
  { operation, input, as, expect, error }: GlueCall,
  client: api.GlueClient,
  names: Map<string, unknown>,
): Promise<string | undefined> {
  const Command = commands[`${operation}Command`];
  if (Command === undefined) return 'the SDK has no such operation';
  try {
    const answer: unknown = await client.send(new Command(input));
    if (as !== undefined) names.set(as, answer);
    if (error !== undefined) return `it should be refused with ${error.name}, but was accepted`;
    return differences(answer, expect ?? {})[0];
  } catch (thrown) {
    const { name, message } = thrown as Error;
    if (error?.name === name && message.includes(error.message ?? '')) return undefined;
    const wanted = error === undefined ? 'accepted' : `refused with ${error.name}: ${error.message ?? '…'}`;
    return `it should be ${wanted}; it was refused with ${name}: ${message}`;
  }
}
