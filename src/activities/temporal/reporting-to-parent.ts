import { Context, log } from '@temporalio/activity';
import type { Reported } from '../../contract/refresh-activities.ts';

interface ParentToNotify {
  /** Its workflow id; undefined if an operator started the child alone. */
  readonly parent: string | undefined;
  readonly signal: string;
  /** What the child works for, such as `{ run }`. */
  readonly of: Readonly<Record<string, string>>;
}

const ANSWER_WITHIN_MS = 5_000;

/**
 * Does a child's work, and reports its result to the parent before the activity completes. A child workflow that sends
 * the signal itself needs one more workflow task. It still does so if the result does not say that it is reported: if
 * Temporal did not confirm the signal, or the parent has ended.
 */
export async function reportingToParent<Result extends object>(
  { parent, signal, of }: ParentToNotify,
  work: () => Promise<Result>,
): Promise<Result & Reported> {
  const result = await work();
  if (parent === undefined) return result;
  const { client } = Context.current();
  try {
    await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      client.workflow.getHandle(parent).signal(signal, { ...result, ...of }),
    );
  } catch (error) {
    log.info('the activity could not notify the parent', { parent, error: String(error) });
    return result;
  }
  return { ...result, reported: true };
}
