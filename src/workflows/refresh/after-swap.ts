import { TemporalFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import { cleanUpFailure } from '../../contract/clean-up-failure.ts';
import { rootCause } from '../../contract/failure.ts';
import type { OnStaging, Swapped } from '../../contract/refresh-activities.ts';
import { terminalFailure } from '../terminal-failure.ts';

/** Views that a note names. A report with thousands of names would hide everything else. */
const VIEWS_NAMED = 200;

/** What the report says about a swap, as sentences. */
export function swapNotes({ note, views = [] }: Swapped): string[] {
  const more = views.length > VIEWS_NAMED ? ` and ${views.length - VIEWS_NAMED} more` : '';
  const named = views.slice(0, VIEWS_NAMED).join(', ');
  return [
    ...(note === undefined ? [] : [note]),
    ...(views.length === 0 ? [] : [`Bound views that the swap recreated: ${named}${more}.`]),
  ];
}

/** A failure after the swap, which must not look like one that left live unchanged. */
export async function cleaningUp<T>(on: OnStaging, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const { schema, keepBackups } = on.warehouse;
    const left = `backups beyond keepBackups (${keepBackups}), and other staging schemas of this run`;
    const { code, message } = cleanUpFailure({
      schema,
      run: on.ref.run,
      left,
      cause: rootCause(error).message,
    });
    throw terminalFailure(code, message);
  }
}
