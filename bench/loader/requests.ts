import {
  type Call,
  type HttpFaultProxy,
  startHttpFaultProxy,
} from '../../local/fault-proxy/http-fault-proxy.ts';
import type { StackAddresses } from '../../local/stack/addresses.ts';

export type Counts = Readonly<Record<string, number>>;

export interface CountedServices {
  /** Those of the stack, with a proxy in front of S3, SQS, DynamoDB and the Data API. */
  readonly addresses: StackAddresses;
  /** Requests so far, such as `s3:GetObject`. */
  counts(): Counts;
  close(): Promise<void>;
}

/** Counts what a worker asks of S3, SQS, DynamoDB and the Data API. What COPY itself reads is not among it. */
export async function countRequests(addresses: StackAddresses): Promise<CountedServices> {
  const counts = new Map<string, number>();
  const proxies: HttpFaultProxy[] = [];
  const counted = async (service: string, behind: string) => {
    const proxy = await startHttpFaultProxy({
      behind,
      faultFor(call) {
        const name = `${service}:${operation(call)}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return { kind: 'none' };
      },
    });
    proxies.push(proxy);
    return proxy.endpoint;
  };
  const { s3, sqs, dynamodb, redshiftData } = addresses;
  return {
    addresses: {
      ...addresses,
      s3: { ...s3, endpoint: await counted('s3', s3.endpoint) },
      dynamodb: { ...dynamodb, endpoint: await counted('dynamodb', dynamodb.endpoint) },
      sqs: { ...sqs, endpoint: await counted('sqs', sqs.endpoint) },
      redshiftData: {
        ...redshiftData,
        endpoint: await counted('redshift-data', redshiftData.endpoint),
      },
    },
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

const operation = ({ operation: name, headers }: Call) =>
  name === 'PutObject' && headers['x-amz-copy-source'] !== undefined ? 'CopyObject' : name;

export function difference(after: Counts, before: Counts): Counts {
  const grown = Object.entries(after).map(([name, n]): [string, number] => [name, n - (before[name] ?? 0)]);
  return Object.fromEntries(grown.filter(([, n]) => n > 0));
}
