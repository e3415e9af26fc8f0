import type { Client } from '@temporalio/client';
import type { GraphProgress } from '../../../contract/datasets/graph.ts';
import { TRIBUTARY, WITH_CONFIG } from '../../terminal/invocation.ts';
import { count, counted } from '../../terminal/measures.ts';
import { progressOf } from './open-runs.ts';
import { unfinishedLines } from './unfinished-lines.ts';

const LOOK_MS = 5000;
/** Lines of partitions that are shown. */
const SHOWN = 10;

/** Says, while a command waits for a run, what has failed in it and what helps, once for each wait. @returns what ends it */
export function reportWaits(client: Client, workflowId: string, write: (text: string) => void): () => void {
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;
  let said = '';
  const look = async () => {
    const text = await waitOf(client, workflowId);
    if (isEnded) return;
    if (text !== undefined && text !== said) write(text);
    if (text !== undefined) said = text;
    timer = setTimeout(() => void look(), LOOK_MS);
  };
  timer = setTimeout(() => void look(), LOOK_MS);
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}

/** @returns undefined if the run does not wait, or no worker answers */
async function waitOf(client: Client, workflowId: string): Promise<string | undefined> {
  const progress = await progressOf(client, workflowId);
  return progress?.phase === 'waiting' ? waitText(workflowId, progress) : undefined;
}

export function waitText(
  workflowId: string,
  { unfinished, totals, waitsFor }: Pick<GraphProgress, 'unfinished' | 'totals' | 'waitsFor'>,
): string {
  const failed = unfinished.filter(({ state }) => state === 'failed');
  const lines = unfinishedLines(failed);
  const what = counted(Math.max(totals?.failed ?? 0, failed.length), 'partition');
  const order = (words: string) => `${TRIBUTARY} dataset ${words}${WITH_CONFIG}`;
  return [
    waitsFor === 'retry'
      ? `${what} failed. The run builds what failed again by itself; what does not depend on it is built.`
      : `The run waits for you: ${what} failed; what does not depend on it is built.`,
    ...lines.slice(0, SHOWN).map((line) => `  ${line}`),
    ...(lines.length > SHOWN ? [`  and ${count(lines.length - SHOWN)} more: ${order('status --all')}`] : []),
    `Fix the cause, then: ${order(`retry ${workflowId}`)}`,
    `Or take a partition as it was built last: ${order(`accept <dataset>/<partition> --run ${workflowId} --reason "…"`)}`,
    `Or end the run with what it has built: ${order(`finish ${workflowId}`)}`,
    '',
  ].join('\n');
}
