import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import { type DecodedMemo, decodedMemo, undecoded } from '../../activities/temporal/undecoded.ts';

/** Schedules as Temporal lists and describes them, even if what they hold cannot be decoded here. */

/** A schedule, without the arguments of its action. */
export interface KnownSchedule
  extends Pick<ScheduleDescription, 'scheduleId' | 'state' | 'info'>,
    Pick<DecodedMemo, 'undecodable'> {
  readonly workflowType: string;
  /** The id that Temporal adds a time to. */
  readonly workflowId: string;
  readonly memo: DecodedMemo['memo'];
  /** The memo of the workflows that it starts. */
  readonly actionMemo: DecodedMemo['memo'];
}

/** The ids of the schedules whose memo has this key. */
export async function schedulesWith(client: Client, key: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId, memo } of undecoded(client).schedule.list()) {
    if (memo?.[key] !== undefined) ids.push(scheduleId);
  }
  return ids;
}

/** Undefined if there is no such schedule. */
export async function describeSchedule(
  client: Client,
  scheduleId: string,
): Promise<KnownSchedule | undefined> {
  try {
    const { memo, action, state, info } = await undecoded(client).schedule.getHandle(scheduleId).describe();
    const own = await decodedMemo(client, memo);
    const ofAction = await decodedMemo(client, action.memo);
    return {
      ...{ scheduleId, state, info, memo: own.memo, actionMemo: ofAction.memo },
      ...{ workflowType: action.workflowType, workflowId: action.workflowId },
      undecodable: own.undecodable ?? ofAction.undecodable,
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
