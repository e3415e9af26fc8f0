import type { Client } from '@temporalio/client';
import { type FanOutProgress, RETRY_CHECK, RETRY_SEGMENT, RETRY_TABLE } from '../../contract/refresh.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { sendUpdate } from '../temporal/send-update.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import type { RunObservation } from './observe-run.ts';

const ANSWER_SECONDS = 15;

/** The update to send, with a segment's number or a table's name. Without either, it retries everything that failed. */
export interface Retry {
  readonly update: typeof RETRY_SEGMENT | typeof RETRY_TABLE | typeof RETRY_CHECK;
  readonly argument: string | number | undefined;
}

/** How a run answers when the request has no effect. */
const REFUSED = /^(?:nothing to retry|the phase has ended)/;

/** @throws CommandError if there is no such child, or the request had no effect. */
export function checkAnswer(
  answer: string,
  { update, argument }: Retry,
  fan: FanOutProgress | undefined,
  name: string,
): void {
  // Segments are numbered, so one beyond the last is unknown. Of tables, finished ones are not listed.
  const beyond = typeof argument === 'number' && fan !== undefined && argument >= fan.total;
  if (answer.endsWith(': unknown') || beyond) {
    const kind = { [RETRY_SEGMENT]: 'segment', [RETRY_TABLE]: 'table', [RETRY_CHECK]: 'check' }[update];
    const names = (fan?.unfinished ?? []).map(({ child }) => child);
    throw new CommandError(
      ExitCode.usage,
      `${name} has no ${kind} ${argument}${didYouMean(String(argument), names)}. See its state: ${TRIBUTARY} status ${name}`,
    );
  }
  if (REFUSED.test(answer)) {
    throw new CommandError(
      ExitCode.failed,
      `The retry was refused: ${answer}. See its state: ${TRIBUTARY} status ${name}`,
    );
  }
}

/**
 * The requested update. Without an option, the phase of the run decides between segments, tables and checks. If no worker
 * answers in time, the phase comes from the memo, which is written when a phase begins.
 * @throws CommandError if the phase is unknown: the wrong update would be refused as if there were nothing to retry.
 */
export function requested(
  { segment, table, check }: { readonly segment?: number; readonly table?: string; readonly check?: string },
  { progress, summary, workflowId }: Pick<RunObservation, 'progress' | 'summary' | 'workflowId'>,
): Retry {
  if (table !== undefined) return { update: RETRY_TABLE, argument: table };
  if (check !== undefined) return { update: RETRY_CHECK, argument: check };
  if (segment !== undefined) return { update: RETRY_SEGMENT, argument: segment };
  const phase = progress?.phase ?? /^(?:waiting for [^:]+: )?(\w+)/.exec(summary ?? '')?.[1];
  if (phase === undefined) {
    throw new CommandError(
      ExitCode.failed,
      `The phase of ${workflowId} is not known, because no worker answers. Try again in a few seconds, or say what to ` +
        'retry: --segment <n>, --table <name> or --check <name>.',
    );
  }
  const update = phase === 'load' ? RETRY_TABLE : phase === 'verify' ? RETRY_CHECK : RETRY_SEGMENT;
  return { update, argument: undefined };
}

/**
 * Sends the update to a run or inference and returns its answer.
 * @throws CommandError if it is refused or no worker answers within 15 seconds.
 */
export function sendRetry(client: Client, workflowId: string, retry: Retry): Promise<string> {
  return sendUpdate(
    client,
    workflowId,
    { ...retry, what: 'retry' },
    {
      answerSeconds: ANSWER_SECONDS,
      unanswered: 'Its worker may be busy: try again in a few seconds.',
    },
  );
}
