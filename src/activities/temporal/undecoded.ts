import { Client } from '@temporalio/client';
import { defaultPayloadConverter, type LoadedDataConverter, type Payload } from '@temporalio/common';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { decodedPayload } from './decoded-payload.ts';

/**
 * The SDK decodes the memo of each workflow that it lists or describes. One memo that it cannot decode would end the
 * whole list. So lists are read with a client that decodes nothing, and each memo is decoded separately.
 */

const clients = new WeakMap<Client, Client>();

/** A client of the same connection and namespace that returns payloads, such as those of memos, as they are stored. */
export function undecoded(client: Client): Client {
  const known = clients.get(client);
  if (known !== undefined) return known;
  const { namespace, loadedDataConverter } = client.options;
  const dataConverter: LoadedDataConverter = {
    ...loadedDataConverter,
    payloadCodecs: [],
    payloadConverter: {
      toPayload: (value) => defaultPayloadConverter.toPayload(value),
      fromPayload: <T>(payload: Payload) => payload as T,
    },
  };
  // The constructor takes a loaded converter as it is.
  const created = new Client({ connection: client.connection, namespace, dataConverter });
  clients.set(client, created);
  return created;
}

/** A memo, or why the client's data converter cannot decode it. */
export interface DecodedMemo {
  /** Undefined if there is none, or if it cannot be decoded. */
  readonly memo: Readonly<Record<string, unknown>> | undefined;
  /** The message of the codec or converter. Undefined if the memo was decoded. */
  readonly undecodable: string | undefined;
}

/** @param memo of a workflow that the `undecoded` client listed or described. Never throws. */
export async function decodedMemo(
  client: Client,
  memo: Readonly<Record<string, unknown>> | undefined,
): Promise<DecodedMemo> {
  try {
    const entries = Object.entries(memo ?? {}).map(
      async ([key, payload]) => [key, await decodedPayload(client, payload as Payload)] as const,
    );
    return { memo: memo && Object.fromEntries(await Promise.all(entries)), undecodable: undefined };
  } catch (error) {
    return { memo: undefined, undecodable: messageOf(error) };
  }
}
