import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ServiceAddress } from '../aws/aws-client.ts';
import type { ChangeStreams, ShardReader } from '../change-stream.ts';

/**
 * The streams of DynamoDB tables, with one client for all shards. The AWS client is loaded when a stream is first called: a
 * worker without changes never needs it.
 */
export function lateChangeStreams(dynamodb: DynamoDBClient, address: ServiceAddress): ChangeStreams {
  let loaded: Promise<ChangeStreams> | undefined;

  const load = async () => {
    const { createDynamoDBChangeStreams, dynamodbStreamsClient } = await import(
      './dynamodb-change-streams.ts'
    );
    return createDynamoDBChangeStreams({ dynamodb, streams: dynamodbStreamsClient(address) });
  };
  const streams = () => (loaded ??= load());

  return {
    streamOf: async (table, options) => await (await streams()).streamOf(table, options),
    shards: async (arn, options) => await (await streams()).shards(arn, options),
    read(request) {
      let reader: ShardReader | undefined;
      return {
        async next(options) {
          reader ??= (await streams()).read(request);
          return await reader.next(options);
        },
      };
    },
  };
}
