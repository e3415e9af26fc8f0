import { setTimeout } from 'node:timers/promises';
import type { Fault } from '../../local/fault-proxy/fault.ts';
import type { Call } from '../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../local/fault-proxy/services.ts';
import type { Conditions } from './conditions.ts';
import type { RunOptions } from './outcome.ts';
import { crashesOf, WorkerHost } from './worker-host.ts';

/** Items of a scan page: all that a small table has. */
const PAGE_ITEMS = 1000;

interface FleetOptions {
  readonly namespace: string;
  readonly conditions: Conditions;
  readonly run: RunOptions;
  readonly faultFor: (service: Service, call: Call) => Fault;
  readonly watch: (
    host: WorkerHost,
    service: Service,
    call: Call,
    when: 'asked' | 'answered',
  ) => Promise<void>;
}

/** What can happen to a worker. */
export type Fate = 'stays' | 'kill' | 'freeze' | 'cut off';

/** An incident that ends a worker, or stops it for a while. */
type Harm =
  | { readonly kind: 'kill' }
  | { readonly kind: 'freeze' | 'cut off'; readonly milliseconds: number };

/** The worker processes of one schedule, what happens to them, and what operators do meanwhile. */
export class WorkerFleet {
  readonly hosts: WorkerHost[] = [];
  readonly #options: FleetOptions;
  readonly #incidents = new Map<string, number>();
  readonly #sleepers = new Set<() => void>();
  readonly #under: Promise<unknown>[] = [];
  readonly #beganMs = Date.now();
  /** Path of their configuration; set before the first one starts. */
  config = '';
  isEnded = false;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Starts another worker process. */
  async start(): Promise<void> {
    if (this.isEnded) return;
    const { namespace, conditions, run, faultFor, watch } = this.#options;
    const { seed, temporal, cold } = conditions;
    const ordinal = this.hosts.length;
    this.hosts.push(
      await WorkerHost.start({
        ...{ stack: run.stack, namespace, faultFor, watch },
        environment: { TRIBUTARY_CONFIG: this.config },
        order: { pageItems: PAGE_ITEMS, cold, unguarded: run.unguarded, hasThread: false },
        temporal: { ...temporal, seed: seed * 100 + ordinal },
      }),
    );
  }

  /** What happened, and how often. */
  get incidents(): Iterable<readonly [kind: string, n: number]> {
    return this.#incidents;
  }

  count(kind: string, n = 1): void {
    this.#incidents.set(kind, (this.#incidents.get(kind) ?? 0) + n);
  }

  hasCounted(kinds: RegExp): boolean {
    return [...this.#incidents.keys()].some((kind) => kinds.test(kind));
  }

  say(what: string): void {
    const { run, conditions } = this.#options;
    run.log?.(`seed ${conditions.seed} +${Date.now() - this.#beganMs} ms: ${what}`);
  }

  /** Something that happens meanwhile. It may come too late, and then fails. */
  act(doing: Promise<unknown>): void {
    this.#under.push(doing.catch(() => {}));
  }

  /** Resolves after this time, on a quiet machine, or when everyone is woken up. */
  asleep(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.add(resolve);
    void setTimeout(milliseconds * this.#options.run.stack.patience, undefined, { ref: false }).then(resolve);
    return promise.finally(() => this.#sleepers.delete(resolve));
  }

  /** What happens to a worker, until something is over. A killed one has a successor when this returns. */
  async meet(fate: Fate, host: WorkerHost, over: Promise<void>): Promise<void> {
    switch (fate) {
      case 'kill':
        // Its connections stay open until its last request is done: a host's death does not undo a request.
        this.act(host.kill());
        return this.start();
      case 'freeze':
        host.freeze();
        void over.then(() => host.thaw());
        return;
      case 'cut off':
        host.temporal.silence();
        void over.then(() => host.temporal.speak());
        return;
      case 'stays':
        return;
    }
  }

  /** Does harm to a worker. Resolves when a killed one has a successor, or a frozen or silent one is back. */
  async harm(harm: Harm, host: WorkerHost): Promise<void> {
    if (harm.kind === 'kill') return this.meet('kill', host, Promise.resolve());
    const over = this.asleep(harm.milliseconds);
    await this.meet(harm.kind, host, over);
    return over;
  }

  get crashes(): string[] {
    return crashesOf(this.hosts);
  }

  /** Ends what sleeps, and waits for what operators began. */
  async settle(): Promise<void> {
    for (const wake of this.#sleepers) wake();
    await Promise.allSettled(this.#under);
  }

  async kill(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.kill()));
  }

  /** Ends what the workers do, which are then kept for other schedules. */
  async release(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.release()));
  }

  /** No other worker starts, and all end. */
  async end(): Promise<void> {
    this.isEnded = true;
    await this.settle();
    await this.kill();
  }
}
