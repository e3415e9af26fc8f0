import { z } from 'zod';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import type { HeldScript, Rival } from '../held-call.ts';
import { clientTokenOf } from '../loader/steps.ts';
import { statementName } from '../statement-name.ts';
import type { WorkerHost } from '../worker-host.ts';
import type { LateWrite } from './schedule.ts';
import { isApplyTo } from './steps.ts';

/** A shard of the log, and how much of it a writer has. */
export interface ShardPlace {
  readonly epoch: string;
  readonly shard: string;
}

/** What brings the rival about, and tells how far it is. */
export interface Scene {
  /** The schema whose destination is disturbed. */
  readonly schema: string;
  /** From when on a write may be held. */
  readonly isSet: boolean;
  /** Waits until the stream has more than so many records of a shard. */
  untilRecords(shard: string, moreThan: number): Promise<void>;
  /** Calls the second writer; then what is to happen to the first one happens. */
  bringRival(by: LateWrite['by'], host: WorkerHost, place?: ShardPlace): Promise<void>;
  /** Waits until live is ahead of these positions on some shard. */
  untilLiveIsAhead(of: ReadonlyMap<string, number>): Promise<void>;
  /** The positions of another schema, by shard. */
  positionsOf(schema: string): Promise<ReadonlyMap<string, number>>;
  /** Another run replaces live. */
  refresh(): Promise<void>;
  /** Waits until nothing writes to the schema, then notes whether live went back since it was looked at last. */
  lookAtPositions(): Promise<void>;
}

/** Holds one write of a schedule until another writer has done its work, and more: then it must change nothing. */
export class LateChange implements HeldScript {
  readonly #late: LateWrite;
  readonly #scene: Scene;
  /** The late write is next: the rival begins nothing. */
  #isNext = false;

  constructor(late: LateWrite, scene: Scene) {
    this.#late = late;
    this.#scene = scene;
  }

  writerOf(service: Service, call: Call): string | undefined {
    if (!this.#scene.isSet) return undefined;
    switch (this.#late.what) {
      case 'checkpoint': {
        const put = service === 's3' ? checkpointPut(call) : undefined;
        return put === undefined || put.ended ? undefined : `${call.url} ${put.attempt}`;
      }
      case 'apply':
        return this.#isApply(service, call) ? clientTokenOf(call) : undefined;
      case 'swap':
        return this.#isSwap(service, call) ? clientTokenOf(call) : undefined;
    }
  }

  waits(service: Service, call: Call, when: 'asked' | 'answered', held: Call): boolean {
    if (this.#late.what === 'checkpoint') return when === 'answered' && isLaterCheckpoint(call, held);
    const writes = this.#isApply(service, call) || this.#isSwap(service, call);
    return when === 'asked' && this.#isNext && writes;
  }

  async play(held: Call, host: WorkerHost, rival: Rival): Promise<void> {
    const { by } = this.#late;
    const scene = this.#scene;
    switch (this.#late.what) {
      case 'checkpoint': {
        const { epoch, shard, total } = checkpointPut(held)!;
        await scene.untilRecords(shard, total.records);
        await scene.bringRival(by, host, { epoch, shard });
        await rival.isAhead;
        return rival.letArrive();
      }
      case 'apply': {
        await scene.bringRival(by, host);
        await scene.untilLiveIsAhead(positionsWritten(held));
        if (this.#late.isSwapped) await scene.refresh();
        return this.#arriveNext(rival);
      }
      case 'swap': {
        await scene.bringRival(by, host);
        await scene.untilLiveIsAhead(await scene.positionsOf(stagingOf(held)));
        return this.#arriveNext(rival);
      }
    }
  }

  async #arriveNext(rival: Rival): Promise<void> {
    this.#isNext = true;
    await this.#scene.lookAtPositions();
    await rival.letArrive();
    await this.#scene.lookAtPositions();
  }

  /** As one batch: an apply in a session has many calls. */
  #isApply(service: Service, call: Call): boolean {
    const isBatch = service === 'redshift-data' && call.operation === 'BatchExecuteStatement';
    return isBatch && isApplyTo(this.#scene.schema, call) && positionsWritten(call).size > 0;
  }

  #isSwap(service: Service, call: Call): boolean {
    const isBatch = service === 'redshift-data' && call.operation === 'BatchExecuteStatement';
    return isBatch && statementName(call) === `tributary replace ${this.#scene.schema}`;
  }
}

const Checkpoint = z.object({
  shard: z.string(),
  number: z.number(),
  attempt: z.string(),
  ended: z.boolean(),
  total: z.object({ records: z.number() }),
});

function checkpointPut({ operation, url, body }: Call) {
  const place = /\/changes\/([0-9a-f]{16})\/shards\/[^/]+\/checkpoint-\d{8}\.json/.exec(url);
  if (operation !== 'PutObject' || place === null) return undefined;
  return { epoch: place[1] as string, ...Checkpoint.parse(JSON.parse(body.toString())) };
}

/** Whether the shard has one that follows the held one: a reader resumes there. */
function isLaterCheckpoint(call: Call, held: Call): boolean {
  const [put, first] = [checkpointPut(call), checkpointPut(held)];
  return put !== undefined && put.shard === first?.shard && put.number > first.number;
}

const Batch = z.object({ Sqls: z.array(z.string()) });
const statementsOf = ({ body }: Call) => Batch.parse(JSON.parse(body.toString())).Sqls;

/** The positions that an apply writes, by shard. */
function positionsWritten(call: Call): Map<string, number> {
  const inserts = statementsOf(call).filter((sql) => /^INSERT INTO \S+\."_tributary_positions"/.test(sql));
  return new Map(
    inserts.flatMap((sql) =>
      [...sql.matchAll(/\('[0-9a-f]{16}', '([^']+)', (\d+), (?:TRUE|FALSE), /g)].map(
        ([, shard, checkpoint]) => [shard as string, Number(checkpoint)] as const,
      ),
    ),
  );
}

/** The schema that a swap makes live. */
function stagingOf(swap: Call): string {
  const renames = statementsOf(swap).flatMap(
    (sql) => /^ALTER SCHEMA "([^"]+)" RENAME TO /.exec(sql)?.[1] ?? [],
  );
  const staging = renames.at(-1);
  if (staging === undefined) throw new Error('the swap renames no schema');
  return staging;
}
