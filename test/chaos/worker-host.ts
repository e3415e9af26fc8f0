import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Fault } from '../../local/fault-proxy/fault.ts';
import {
  type Call,
  type HttpFaultProxy,
  startHttpFaultProxy,
} from '../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../local/fault-proxy/services.ts';
import { startTcpFaultProxy, type TcpFaultProxy } from '../../local/fault-proxy/tcp-fault-proxy.ts';
import type { ChaosStack } from './chaos-stack.ts';
import type { PageOrder, WorkerOrder } from './worker-main.ts';
import type { WorkerPool } from './worker-pool.ts';

interface HostOptions {
  readonly stack: ChaosStack;
  readonly namespace: string;
  readonly order: Omit<WorkerOrder, 'environment' | 'workflowBundle'>;
  /** Variables that its environment has in addition to the stack's. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly temporal: { readonly seed: number; readonly resetRate: number; readonly latencyRate: number };
  readonly faultFor: (service: Service, call: Call) => Fault;
  readonly watch: (
    host: WorkerHost,
    service: Service,
    call: Call,
    moment: 'asked' | 'answered',
  ) => void | Promise<void>;
}

/** One worker process, and its own proxy to each service. */
export class WorkerHost {
  readonly #process: ChildProcess;
  readonly #pool: WorkerPool;
  readonly #proxies: readonly HttpFaultProxy[];
  readonly temporal: TcpFaultProxy;
  /** Number of calls made so far. */
  calls = 0;
  /** Its last output, in case it ends by itself. */
  #reportedFailure = '';
  #killed = false;
  /** The process belongs to another schedule. */
  #isReleased = false;

  static async start(options: HostOptions): Promise<WorkerHost> {
    const { stack, temporal } = options;
    const { addresses } = stack;
    const holder: { host?: WorkerHost } = {};
    const proxyOf = (service: Service, behind: string) =>
      startHttpFaultProxy({
        behind,
        faultFor: (call) => {
          if (holder.host) holder.host.calls++;
          return options.faultFor(service, call);
        },
        watch: (call, moment) =>
          holder.host === undefined ? undefined : options.watch(holder.host, service, call, moment),
      });
    const [dynamodb, s3, sqs, glue, redshift, line] = await Promise.all([
      proxyOf('dynamodb', addresses.dynamodb.endpoint),
      proxyOf('s3', addresses.s3.endpoint),
      proxyOf('sqs', addresses.sqs.endpoint),
      proxyOf('glue', addresses.glue.endpoint),
      proxyOf('redshift-data', addresses.redshiftData.endpoint),
      startTcpFaultProxy({ behind: addresses.temporal.address, maxLatencyMilliseconds: 50, ...temporal }),
    ]);
    const child = stack.workers.start({
      ...options.order,
      workflowBundle: stack.workflowBundle,
      environment: {
        ...stack.environment,
        ...options.environment,
        TRIBUTARY_TEMPORAL_ADDRESS: line.address,
        TRIBUTARY_TEMPORAL_NAMESPACE: options.namespace,
        TRIBUTARY_DYNAMODB_ENDPOINT: dynamodb.endpoint,
        TRIBUTARY_DYNAMODB_STREAMS_ENDPOINT: dynamodb.endpoint,
        TRIBUTARY_S3_ENDPOINT: s3.endpoint,
        TRIBUTARY_SQS_ENDPOINT: sqs.endpoint,
        TRIBUTARY_GLUE_ENDPOINT: glue.endpoint,
        TRIBUTARY_REDSHIFT_DATA_ENDPOINT: redshift.endpoint,
      },
    });
    const host = new WorkerHost(child, stack.workers, [dynamodb, s3, sqs, glue, redshift], line);
    holder.host = host;
    return host;
  }

  private constructor(
    child: ChildProcess,
    pool: WorkerPool,
    proxies: readonly HttpFaultProxy[],
    temporal: TcpFaultProxy,
  ) {
    this.#process = child;
    this.#pool = pool;
    this.#proxies = proxies;
    this.temporal = temporal;
    child.stderr?.on('data', this.#note);
  }

  /** The last output of a worker that ended without being killed; undefined for any other. */
  get endedByItself(): string | undefined {
    return this.alive || this.#killed || this.#isReleased ? undefined : this.#reportedFailure;
  }

  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Sets the size of its scan pages from now on. @returns once it has confirmed, or died. */
  async scanPagesOf(items: number): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#process.on('message', (word) => word === 'heard' && resolve());
      this.#process.once('exit', () => resolve());
    });
    this.#process.send({ pageItems: items } satisfies PageOrder, () => {});
    await heard;
  }

  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  readonly #note = (said: Buffer): void => {
    this.#reportedFailure = (this.#reportedFailure + said.toString()).slice(-1500);
  };

  /** Kills it with SIGKILL. */
  async kill(): Promise<void> {
    if (this.alive && !this.#isReleased) {
      this.#killed = true;
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
    await this.#close();
  }

  /** Ends its work. The process is kept for another schedule, if it ends that in time. */
  async release(): Promise<void> {
    if (this.#killed || this.#isReleased || !this.alive) return this.kill();
    this.#isReleased = await this.#pool.takeBack(this.#process);
    if (!this.#isReleased) return this.kill();
    this.#process.stderr?.off('data', this.#note);
    await this.#close();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#proxies, this.temporal].map((proxy) => proxy.close()));
  }
}

/** What the workers reported that ended without being killed. */
export function crashesOf(hosts: readonly WorkerHost[]): string[] {
  return hosts.flatMap(({ endedByItself: words }, i) =>
    words === undefined ? [] : [`worker ${i} ended by itself: ${words}`],
  );
}
