import { type Call, startHttpFaultProxy } from '../../local/fault-proxy/http-fault-proxy.ts';

/** What was asked of S3 since the last look. */
interface S3Requests {
  /** By the operation: `PutObject`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Keys that were written, in the order of their requests, and again if they were written again. */
  readonly written: readonly string[];
}

export interface CountedWrites {
  readonly endpoint: string;
  /** What was asked since the last call. */
  take(): S3Requests;
  close(): Promise<void>;
}

/** An S3 server whose requests are counted. */
export async function countWrites(behind: string, bucket: string): Promise<CountedWrites> {
  let counts = new Map<string, number>();
  let written: string[] = [];
  const proxy = await startHttpFaultProxy({
    behind,
    faultFor(call) {
      const name = operation(call);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (WRITES.has(name)) written.push(keyOf(call, bucket));
      return { kind: 'none' };
    },
  });
  return {
    endpoint: proxy.endpoint,
    take: () => {
      const taken = { counts, written };
      counts = new Map();
      written = [];
      return taken;
    },
    close: () => proxy.close(),
  };
}

const WRITES: ReadonlySet<string> = new Set(['PutObject', 'CopyObject', 'CompleteMultipartUpload']);

const operation = ({ operation: name, headers }: Call) =>
  name === 'PutObject' && headers['x-amz-copy-source'] !== undefined ? 'CopyObject' : name;

const keyOf = ({ url }: Call, bucket: string) =>
  decodeURIComponent(new URL(url, 'http://s3').pathname).slice(bucket.length + 2);
