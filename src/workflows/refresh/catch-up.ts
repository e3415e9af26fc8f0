import {
  CancellationScope,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  log,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type CatchUpActivities,
  SIGNAL_STAGING_CAUGHT_UP,
  SIGNAL_STAGING_FOLLOWED,
  SIGNAL_STOP_FOLLOWING,
  type StagingFollowed,
  type StopFollowing,
} from '../../contract/changes/catch-up.ts';
import { applyWorkflowId } from '../../contract/changes/changes.ts';
import type { CatchUpProgress } from '../../contract/refresh.ts';
import type { OnStaging, Swapped } from '../../contract/refresh-activities.ts';
import { intervals, profiles } from '../profiles.ts';
import { terminalFailure } from '../terminal-failure.ts';

const short = proxyActivities<CatchUpActivities>(profiles.short);

const stagingFollowed = defineSignal<[unknown]>(SIGNAL_STAGING_FOLLOWED);
const stagingCaughtUp = defineSignal<[unknown]>(SIGNAL_STAGING_CAUGHT_UP);

/** Only a schema that is made again has the columns for them: what they need is agreed on already. */
const NEEDS_COLUMNS: ReadonlySet<string> = new Set(['TypesChange', 'NamesChange']);

/** Why changes fit no column of staging, and need tables that are made again. */
export class ColumnsNeeded extends Error {
  override readonly name = 'ColumnsNeeded';
}

/**
 * The last step before a swap, if changes are applied to live: the destination applies them to staging too, until no shard
 * there is behind live. Then it leaves live alone while this run swaps. If live is ahead nevertheless, catch-up continues.
 */
export class CatchUp {
  readonly #show: (progress: CatchUpProgress) => void;
  #attempt = '';
  #schema = '';
  #followed: StagingFollowed | undefined;
  #isCaughtUp = false;

  /** Registers its signals: create it before the first await. @param show is given what changed */
  constructor(show: (progress: CatchUpProgress) => void) {
    this.#show = show;
    setHandler(stagingFollowed, (message) => void this.#take(message), {
      description: 'Sent by the destination: how far staging has come',
    });
    setHandler(
      stagingCaughtUp,
      (message) => {
        if (this.#take(message)) this.#isCaughtUp = true;
      },
      { description: 'Sent by the destination: staging is no longer behind live' },
    );
  }

  /** Starts what records and applies the pipeline's changes, so that no change since the plan is lost. */
  async start(pipeline: string, destination: string): Promise<void> {
    await short.startChanges({ pipeline, destination });
  }

  /**
   * Swaps when staging has caught up.
   * @param swap tries it
   * @throws ColumnsNeeded; a terminal failure `StagingCannotFollow` if a change cannot be applied to staging for another reason
   */
  async thenSwap(on: OnStaging, destination: string, swap: () => Promise<Swapped>): Promise<Swapped> {
    let swapped: true | undefined;
    try {
      for (let tries = 1; ; tries++) {
        const isLive = await this.#untilCaughtUp(on, destination, tries);
        this.#report(isLive ? 'done' : 'swapping');
        const result = await swap();
        if (result.behind === true) continue;
        swapped = true;
        this.#report('done');
        return result;
      }
    } finally {
      await CancellationScope.nonCancellable(() => stop(on, destination, swapped));
    }
  }

  /** @returns whether the run is live already */
  async #untilCaughtUp(on: OnStaging, destination: string, tries: number): Promise<boolean> {
    const { workflowId, firstExecutionRunId, runId } = workflowInfo();
    this.#attempt = `${runId}/${tries}`;
    this.#schema = on.stagingSchema;
    this.#isCaughtUp = false;
    this.#followed = undefined;
    this.#report('waiting');
    const request = { workflowId, firstExecutionRunId, attempt: this.#attempt };
    const failure = () => this.#followed?.failed;
    const isOver = () => this.#isCaughtUp || failure() !== undefined;
    do {
      const { isLive } = await short.followStaging({ ...on, destination, request });
      if (isLive) return true;
    } while (!(await condition(isOver, intervals.followStaging)));
    const failed = failure();
    if (failed === undefined) return false;
    if (NEEDS_COLUMNS.has(failed.code) && patched('make-tables-again'))
      throw new ColumnsNeeded(failed.message);
    throw cannotFollow(on, failed);
  }

  /** Messages of an earlier attempt or run, or of an execution before a reset, do not count. @returns whether it counts */
  #take(message: unknown): boolean {
    if (typeof message !== 'object' || message === null) return false;
    const followed = message as StagingFollowed;
    if (followed.attempt !== this.#attempt || followed.schema !== this.#schema) return false;
    this.#followed = followed;
    this.#report(stateOf(followed));
    return true;
  }

  #report(state: CatchUpProgress['state']): void {
    const { rounds = 0, seconds = 0, left = 0 } = this.#followed ?? {};
    this.#show({ state, rounds, seconds, left });
  }
}

function stateOf({ paused, cannotCatchUp }: StagingFollowed): CatchUpProgress['state'] {
  if (paused === true) return 'paused';
  return cannotCatchUp === true ? 'cannot catch up' : 'catching up';
}

/** Lets the destination resume, whether the run has swapped, failed or was cancelled. If it has ended, it has nothing to resume. */
async function stop(
  { ref, stagingSchema }: OnStaging,
  destination: string,
  swapped: true | undefined,
): Promise<void> {
  const { pipeline } = ref;
  try {
    await getExternalWorkflowHandle(applyWorkflowId(pipeline, destination)).signal(SIGNAL_STOP_FOLLOWING, {
      ...{ schema: stagingSchema, ...(swapped && { swapped }) },
    } satisfies StopFollowing);
  } catch (error) {
    log.info('the destination could not be notified', { pipeline, destination, error: String(error) });
  }
}

const cannotFollow = ({ stagingSchema }: OnStaging, { code, message }: { code: string; message: string }) =>
  terminalFailure(
    'StagingCannotFollow',
    `Changes since the scan cannot be applied to ${stagingSchema}, so nothing is replaced: ${code}: ${message}`,
  );
