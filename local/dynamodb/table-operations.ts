import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DynamodbError } from './dynamodb-error.ts';
import type { Recovery } from './exports/recovery.ts';
import type { DynamodbRequest, Operations } from './request.ts';
import type { Stream } from './streams/stream.ts';
import { VIEW_TYPES, type ViewType } from './streams/stream-record.ts';
import type { Streams } from './streams/streams.ts';
import { type Answer, bodyOf, type Upstream, withBody } from './upstream.ts';

const StreamSpecification = z
  .object({ StreamEnabled: z.boolean(), StreamViewType: z.enum(VIEW_TYPES).optional() })
  .optional();

/** A table, in the form of DescribeTable. */
interface Described {
  readonly TableName: string;
  readonly TableArn: string;
  readonly TableId?: string;
  readonly CreationDateTime: number;
  readonly KeySchema: Stream['table']['keySchema'];
}

interface TableOperationsOptions {
  readonly upstream: Upstream;
  readonly streams: Streams;
  readonly recovery: Pick<Recovery, 'disable'>;
  /** How many shards a new stream of the table has. */
  readonly partitionsOf: (table: string) => number;
}

/** The operations that enable and disable streams, or show them. The emulator does not learn of streams. */
export function tableOperations({
  upstream,
  streams,
  recovery,
  partitionsOf,
}: TableOperationsOptions): Operations {
  return {
    async CreateTable({ incoming, parameters }) {
      const { StreamSpecification: wanted, ...others } = parameters;
      const viewType = viewTypeOf(wanted);
      const answer = await upstream.send(incoming, JSON.stringify(others));
      if (answer.status !== 200) return answer;
      const described = tableIn(answer);
      streams.forgetTable(described.TableName);
      enable(described, viewType);
      return shown(answer);
    },

    async UpdateTable({ incoming, parameters }) {
      const { StreamSpecification: wanted, ...others } = parameters;
      const viewType = viewTypeOf(wanted);
      const name = String(others.TableName);
      if (wanted !== undefined && (streams.enabledOf(name) === undefined) === (viewType === undefined)) {
        const state = viewType === undefined ? 'a disabled' : 'an enabled';
        throw new DynamodbError(
          'ValidationException',
          `Table already has ${state} stream: TableName: ${name}`,
        );
      }
      // The emulator refuses an update of nothing.
      const isStreamAlone = wanted !== undefined && Object.keys(others).length === 1;
      const answer = isStreamAlone
        ? await describe(name)
        : await upstream.send(incoming, JSON.stringify(others));
      if (answer.status !== 200) return answer;
      if (wanted !== undefined && viewType === undefined) streams.latestOf(name)?.disable();
      enable(tableIn(answer), viewType);
      return shown(answer);

      async function describe(TableName: string): Promise<Answer> {
        const target = 'DynamoDB_20120810.DescribeTable';
        const described = await upstream.send(retargeted(incoming, target), JSON.stringify({ TableName }));
        if (described.status !== 200) return described;
        const { Table } = bodyOf<{ Table: object }>(described);
        return withBody(described, { TableDescription: Table });
      }
    },

    async DeleteTable({ incoming, body, parameters }) {
      const answer = await upstream.send(incoming, body);
      if (answer.status !== 200) return answer;
      const result = shown(answer);
      const name = tableIn(answer).TableName ?? String(parameters.TableName);
      streams.forgetTable(name);
      recovery.disable(name);
      return result;
    },

    async DescribeTable({ incoming, body }: DynamodbRequest) {
      const answer = await upstream.send(incoming, body);
      return answer.status === 200 ? shown(answer) : answer;
    },
  };

  function enable(table: Described, viewType: ViewType | undefined): void {
    if (viewType === undefined) return;
    const { TableName: name, TableArn: arn, KeySchema: keySchema } = table;
    streams.enable({ name, arn, keySchema }, viewType, partitionsOf(name));
  }

  /** Adds what DynamoDB shows of the table's stream. */
  function shown(answer: Answer): Answer {
    const { TableName, TableId, TableArn, CreationDateTime } = tableIn(answer);
    const stream = streams.latestOf(TableName);
    if (stream === undefined && TableId !== undefined) return answer;
    const [[member, table]] = Object.entries(bodyOf<Record<string, object>>(answer)) as [[string, object]];
    return withBody(answer, {
      [member]: {
        ...table,
        // Not every emulator has ids.
        TableId: TableId ?? idFrom(`${TableArn} ${CreationDateTime}`),
        ...(stream?.isEnabled === true && {
          StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
        }),
        ...(stream && { LatestStreamArn: stream.arn, LatestStreamLabel: stream.label }),
      },
    });
  }
}

/** The view type with which a stream is to be enabled; undefined to disable it, or to leave it as it is. */
function viewTypeOf(specification: unknown): ViewType | undefined {
  const parsed = StreamSpecification.safeParse(specification);
  const { StreamEnabled, StreamViewType } = parsed.data ?? {};
  if (!parsed.success || (StreamEnabled === true) !== (StreamViewType !== undefined)) {
    throw new DynamodbError(
      'ValidationException',
      'StreamSpecification needs StreamEnabled, and a StreamViewType if and only if it is true.',
    );
  }
  return StreamViewType;
}

function tableIn(answer: Answer): Described {
  const { Table, TableDescription } = bodyOf<{ Table?: Described; TableDescription?: Described }>(answer);
  return (Table ?? TableDescription)!;
}

/** In the form of a UUID. */
function idFrom(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return digits.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The same request for another operation. */
function retargeted(incoming: DynamodbRequest['incoming'], target: string) {
  const rawHeaders = incoming.rawHeaders.map((text, index, all) =>
    index % 2 === 1 && all[index - 1]!.toLowerCase() === 'x-amz-target' ? target : text,
  );
  return { url: incoming.url, rawHeaders };
}
