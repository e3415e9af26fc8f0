import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { freeMemory } from '../../memory/free-memory.ts';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import { awsError, nameOf } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import { takeRawResponse } from '../aws/raw-response.ts';
import { reportLimits } from '../aws/report-limits.ts';
import type {
  ChangeStreams,
  ListedShard,
  ShardReader,
  StreamCallOptions,
  StreamOfTable,
  StreamPage,
} from '../change-stream.ts';
import { Transient } from '../errors.ts';
import { streamCases, tableCases } from './dynamodb-errors.ts';
import { descriptionOf } from './dynamodb-table-source.ts';
import { parseRecordsResponse } from './streams-response.ts';

type OnLimit = StreamCallOptions['onLimit'];

/** Enough for an answer, which has at most 1 MB. */
const ATTEMPT_SECONDS = 60;

/** A client of DynamoDB Streams. Use one per worker, so that all shards share its connections and its request rate. */
export function dynamodbStreamsClient(address: ServiceAddress = {}): DynamoDBStreamsClient {
  return limitAttempts(new DynamoDBStreamsClient(clientSettings(address)), ATTEMPT_SECONDS);
}

interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
}

/** The streams of DynamoDB tables. Tables are given by name or, in another account, by ARN. */
export function createDynamoDBChangeStreams({ dynamodb, streams }: Clients): ChangeStreams {
  return {
    async streamOf(table, { signal } = {}) {
      const region = await dynamodb.config.region().catch(() => 'an unknown region');
      try {
        const command = new DescribeTableCommand({ TableName: table });
        const { Table } = await dynamodb.send(command, abortable(signal));
        return enabledStream(table, Table);
      } catch (error) {
        throw awsError(error, {
          doing: `find the stream of DynamoDB table ${table} in ${region}`,
          action: 'dynamodb:DescribeTable',
          cases: tableCases(error, table, region),
          signal,
        });
      }
    },

    async shards(streamArn, { signal, onLimit } = {}) {
      const shards: ListedShard[] = [];
      let status: string | undefined;
      let from: string | undefined;
      try {
        do {
          const command = new DescribeStreamCommand({
            StreamArn: streamArn,
            ...(from !== undefined && { ExclusiveStartShardId: from }),
          });
          reportLimits(command, () => onLimit?.('DescribeStream'));
          const { StreamDescription: page } = await streams.send(command, abortable(signal));
          for (const shard of page?.Shards ?? []) shards.push(listedShard(shard));
          status = page?.StreamStatus;
          from = page?.LastEvaluatedShardId;
        } while (from !== undefined);
      } catch (error) {
        if (nameOf(error) === 'ResourceNotFoundException') return undefined;
        throw awsError(error, {
          doing: `list the shards of the stream ${streamArn}`,
          action: 'dynamodb:DescribeStream',
          signal,
        });
      }
      return { status: status ?? 'ENABLED', shards } as Awaited<ReturnType<ChangeStreams['shards']>>;
    },

    read(request) {
      return new DynamoDBShardReader(streams, request);
    },
  };
}

class DynamoDBShardReader implements ShardReader {
  readonly #client: DynamoDBStreamsClient;
  readonly #stream: string;
  readonly #shard: string;
  /** The last record that was returned, or the one after which reading begins. */
  #after: string | undefined;
  readonly #from: string | undefined;
  #iterator: string | undefined;
  #ended = false;

  constructor(client: DynamoDBStreamsClient, request: Parameters<ChangeStreams['read']>[0]) {
    this.#client = client;
    this.#stream = request.streamArn;
    this.#shard = request.shard;
    this.#after = request.after;
    this.#from = request.from;
  }

  async next({ signal, onLimit }: StreamCallOptions = {}): Promise<StreamPage> {
    if (this.#ended) return { records: [], ended: true };
    const doing = `read the shard ${this.#shard} of the stream ${this.#stream}`;
    const cases = streamCases(this.#shard, this.#stream);
    let action = 'dynamodb:GetShardIterator';
    try {
      this.#iterator ??= await this.#newIterator(signal, onLimit);
      action = 'dynamodb:GetRecords';
      const { records, nextIterator } = await this.#records(this.#iterator, signal, onLimit);
      this.#after = records.at(-1)?.sequence ?? this.#after;
      this.#iterator = nextIterator;
      this.#ended = nextIterator === undefined;
      const body = records[0]?.sent?.body;
      return { records, ended: this.#ended, ...(body && { release: () => freeMemory(body) }) };
    } catch (error) {
      // The next call begins after the last record, with an iterator of its own.
      this.#iterator = undefined;
      if (nameOf(error) === 'ExpiredIteratorException') return { records: [], ended: false };
      throw awsError(error, { doing, action, cases, signal });
    }
  }

  async #newIterator(signal: AbortSignal | undefined, onLimit: OnLimit): Promise<string> {
    const start =
      this.#after !== undefined
        ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: this.#after } as const)
        : this.#from !== undefined
          ? ({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: this.#from } as const)
          : ({ ShardIteratorType: 'TRIM_HORIZON' } as const);
    const command = new GetShardIteratorCommand({ StreamArn: this.#stream, ShardId: this.#shard, ...start });
    reportLimits(command, () => onLimit?.('GetShardIterator'));
    const { ShardIterator } = await this.#client.send(command, abortable(signal));
    if (ShardIterator !== undefined) return ShardIterator;
    throw new Transient('DamagedAnswer', `DynamoDB Streams sent no iterator of the shard ${this.#shard}.`);
  }

  async #records(iterator: string, signal: AbortSignal | undefined, onLimit: OnLimit) {
    const command = new GetRecordsCommand({ ShardIterator: iterator });
    reportLimits(command, () => onLimit?.('GetRecords'));
    let answer: ReturnType<typeof parseRecordsResponse> | undefined;
    takeRawResponse(command, (body, headers) => {
      answer = parseRecordsResponse(body, headers);
    });
    await this.#client.send(command, abortable(signal));
    if (answer !== undefined) return answer;
    throw new Transient('DamagedAnswer', `DynamoDB Streams sent no records of the shard ${this.#shard}.`);
  }
}

/** The stream in DescribeTable's response. A disabled one is still named there. */
function enabledStream(table: string, described: TableDescription | undefined): StreamOfTable | undefined {
  const { tableName, tableId } = descriptionOf(table, described);
  const { StreamSpecification, LatestStreamArn: arn, LatestStreamLabel: label } = described ?? {};
  if (StreamSpecification?.StreamEnabled !== true || arn === undefined) return undefined;
  // "2026-11-29T08:00:00.000", in UTC.
  const enabledAtMs = Date.parse(`${label}Z`);
  const viewType = StreamSpecification.StreamViewType;
  if (Number.isNaN(enabledAtMs) || tableId === undefined || viewType === undefined) {
    throw new Transient(
      'DamagedAnswer',
      `DynamoDB’s description of the table ${tableName} lacks its id, or its stream’s label or view type.`,
    );
  }
  return { arn, enabledAtMs, viewType, tableId };
}

function listedShard({ ShardId, ParentShardId, SequenceNumberRange: range }: Shard): ListedShard {
  return {
    id: ShardId ?? '',
    ...(ParentShardId !== undefined && { parent: ParentShardId }),
    closed: range?.EndingSequenceNumber !== undefined,
    ...(range?.StartingSequenceNumber !== undefined && { first: range.StartingSequenceNumber }),
  };
}

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal };
}
