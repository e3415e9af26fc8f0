import { Terminal, Transient } from '../../clients/errors.ts';
import type { WatchProblem } from '../../contract/loader/watch.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { cut } from '../../pipeline/text/sentences.ts';

const MAX_CHARACTERS = 1000;

/** @param of what fails: a loader's name */
export const watchProblem = (of: string, error: unknown, nowMs: number): WatchProblem => ({
  of,
  code: error instanceof Terminal || error instanceof Transient ? error.code : 'Unforeseen',
  error: cut(messageOf(error), MAX_CHARACTERS),
  at: new Date(nowMs).toISOString(),
});
