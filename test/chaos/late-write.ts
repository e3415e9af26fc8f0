import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../local/fault-proxy/services.ts';
import { statementName } from './steps.ts';
import type { WorkerHost } from './worker-host.ts';

/** How a second writer of a segment comes about while the first one's checkpoint is on its way. */
type Rival = 'kill' | 'freeze' | 'cut off' | 'reset' | 'second workflow';

/**
 * One write in each schedule arrives late, when somebody else has done its work: what conditional puts and
 * guards are for. Everything before it and after it waits for it, so it is no race: without them, data breaks.
 */
export type LateWrite =
  /** A segment's checkpoint arrives when its rival has put that one and the next. */
  | {
      readonly what: 'checkpoint';
      readonly segment: number;
      readonly number: number;
      readonly rival: Rival;
    }
  /** A table's load arrives when another workflow has loaded a segment's part of its files. */
  | { readonly what: 'load'; readonly tableOrdinal: number };

/** Brings the other writer about, once a write of this host is held. */
type BringRival = (host: WorkerHost) => Promise<unknown>;

/** The segment whose files a rival load takes. */
export const RIVAL_LOADS = 0;
const LONGEST_WAIT_MS = 90_000;

/** Holds one call of a schedule until its rival is ahead, whatever the machine is doing meanwhile. */
export class HeldWrite {
  readonly #late: LateWrite;
  readonly #tableName: string;
  readonly #bringRival: BringRival;
  readonly #mayArrive = Promise.withResolvers<void>();
  readonly #arrived = Promise.withResolvers<void>();
  /** Attempt or statement that is held: its repetitions by the SDK are held, too. */
  #writer: string | undefined;
  state: 'not met' | 'held' | 'arriving' | 'arrived' | 'missed' = 'not met';

  /** @param tableName whose load is held, where it is a load */
  constructor(late: LateWrite, tableName: string, bringRival: BringRival) {
    this.#late = late;
    this.#tableName = tableName;
    this.#bringRival = bringRival;
  }

  /** Whether this call is the one, or that one again. No other fault may strike it. */
  claims(service: Service, call: Call): boolean {
    if (this.state === 'arrived' || this.state === 'missed') return false;
    const writer = this.#writerOf(service, call);
    return writer !== undefined && (this.#writer === undefined || this.#writer === writer);
  }

  /** To be awaited before a call is passed on. */
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

  /** To be awaited before the answer to a call is passed on. */
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

  /** Lets go of everything: its rival did not come. */
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
    // What is held must be more than what the rival loads, or both are the same statement.
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
    isSeal: !body.includes('"lastEvaluatedKey"'),
  };
}
