import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import { statementName } from '../statement-name.ts';
import type { WorkerHost } from '../worker-host.ts';

/** What starts a second writer of a segment while the first one's checkpoint is in flight. */
type Rival = 'kill' | 'freeze' | 'cut off' | 'reset' | 'second workflow';

/**
 * One write in each schedule arrives late, after another writer has done its work: the case that conditional puts and
 * guards exist for. Both wait for each other, so there is no race: without conditional puts and guards, data is wrong.
 */
export type LateWrite =
  /** A segment's checkpoint arrives after its rival has put that one and the next. */
  | {
      readonly what: 'checkpoint';
      readonly segment: number;
      readonly number: number;
      readonly rival: Rival;
    }
  /** A table's load arrives after another workflow has loaded one segment's share of its files. */
  | { readonly what: 'load'; readonly tableOrdinal: number };

/** Starts the other writer, once a write of this host is held. */
type BringRival = (host: WorkerHost) => Promise<unknown>;

/** The segment whose files a rival load takes. */
export const RIVAL_LOADS = 0;
const LONGEST_WAIT_MS = 90_000;

/** Holds one call of a schedule until its rival is ahead, no matter how busy the machine is. */
export class HeldWrite {
  readonly #late: LateWrite;
  readonly #tableName: string;
  readonly #bringRival: BringRival;
  readonly #mayArrive = Promise.withResolvers<void>();
  readonly #arrived = Promise.withResolvers<void>();
  /** Attempt or statement that is held, including the SDK's retries of it. */
  #writer: string | undefined;
  state: 'not met' | 'held' | 'arriving' | 'arrived' | 'missed' = 'not met';

  /** @param tableName the table whose load is held, if the write is a load */
  constructor(late: LateWrite, tableName: string, bringRival: BringRival) {
    this.#late = late;
    this.#tableName = tableName;
    this.#bringRival = bringRival;
  }

  /** Whether this call is the held one or a retry of it. No other fault may hit it. */
  claims(service: Service, call: Call): boolean {
    if (this.state === 'arrived' || this.state === 'missed') return false;
    const writer = this.#writerOf(service, call);
    return writer !== undefined && (this.#writer === undefined || this.#writer === writer);
  }

  /** Await it before forwarding a call. */
  async asked(service: Service, call: Call, host: WorkerHost): Promise<void> {
    if (!this.claims(service, call)) return;
    if (this.#writer === undefined) {
      this.#writer = this.#writerOf(service, call);
      this.state = 'held';
      const brought = this.#bringRival(host);
      if (this.#late.what === 'load') void brought.catch(() => {}).then(() => this.#letArrive());
      void setTimeout(LONGEST_WAIT_MS, undefined, { ref: false }).then(() => this.giveUp());
    }
    await this.#mayArrive.promise;
  }

  /** Await it before forwarding the response to a call. */
  async answered(service: Service, call: Call): Promise<void> {
    if (this.#writer === undefined) return;
    if (this.state === 'arriving' && this.#writerOf(service, call) === this.#writer) {
      this.state = 'arrived';
      this.#arrived.resolve();
    } else if (this.state === 'held' && this.#isAhead(service, call)) {
      this.#letArrive();
      await this.#arrived.promise;
    }
  }

  /** When the late write was done. */
  get arrived(): Promise<void> {
    return this.#arrived.promise;
  }

  /** Releases everything, because its rival did not arrive. */
  giveUp(): void {
    if (this.state === 'arrived') return;
    this.state = 'missed';
    this.#mayArrive.resolve();
    this.#arrived.resolve();
  }

  #letArrive(): void {
    if (this.state !== 'held') return;
    this.state = 'arriving';
    this.#mayArrive.resolve();
  }

  #writerOf(service: Service, call: Call): string | undefined {
    const late = this.#late;
    if (late.what === 'checkpoint') {
      const put = checkpointPut(service, call);
      return put?.segment === late.segment && put.number === late.number ? put.attempt : undefined;
    }
    if (service !== 'redshift-data' || call.operation !== 'BatchExecuteStatement') return undefined;
    const name = statementName(call);
    if (!name.startsWith(`tributary load ${this.#tableName} `)) return undefined;
    // The held load must be larger than the rival's, or both are the same statement.
    const segments = call.body.toString('utf8').match(/(?<=\/)\d+(?=-\d+-[0-9a-f]+-[0-9a-f]+\.csv)/g) ?? [];
    const others = segments.some((segment) => Number(segment) !== RIVAL_LOADS);
    return others && segments.some((segment) => Number(segment) === RIVAL_LOADS) ? name : undefined;
  }

  #isAhead(service: Service, call: Call): boolean {
    const late = this.#late;
    const put = late.what === 'checkpoint' ? checkpointPut(service, call) : undefined;
    if (put === undefined || late.what !== 'checkpoint' || put.attempt === this.#writer) return false;
    return put.segment === late.segment && (put.number > late.number || put.isSeal);
  }
}

interface CheckpointPut {
  readonly segment: number;
  readonly number: number;
  readonly attempt: string;
  readonly isSeal: boolean;
}

function checkpointPut(service: Service, call: Call): CheckpointPut | undefined {
  if (service !== 's3' || call.operation !== 'PutObject') return undefined;
  const place = /\/segments\/(\d+)\/checkpoint-(\d+)\.json/.exec(call.url);
  const body = call.body.toString('utf8');
  const attempt = /"attempt":"([0-9a-f]+)"/.exec(body)?.[1];
  if (place === null || attempt === undefined) return undefined;
  return {
    segment: Number(place[1]),
    number: Number(place[2]),
    attempt,
    isSeal: !body.includes('"cursor":'),
  };
}
