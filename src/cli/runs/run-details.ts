import { type Client, WorkflowFailedError } from '@temporalio/client';
import { rootCause } from '../../contract/failure.ts';
import { PHASES, type RefreshResult } from '../../contract/refresh.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { askProgress, type RunObservation } from '../observe/observe-run.ts';
import { failureText } from '../temporal/failure-text.ts';

/** What a list of runs shows of each in addition to its state. What is not known is absent. */
export interface RunDetails {
  readonly phase?: string | undefined;
  readonly items?: number | undefined;
  readonly rejects?: number | undefined;
  /** What failed and why, one text per part; of a run that ended, one text. */
  readonly failed: readonly string[];
}

const NO_DETAILS: RunDetails = { failed: [] };
const ASKED_AT_ONCE = 8;
/** Details of so many runs are asked for: each takes a call or two. */
const MOST_DETAILED = 100;

/** The details of the first runs of a list, by workflow id. A run that does not answer has none. */
export async function detailsOf(
  client: Client,
  runs: readonly RunObservation[],
): Promise<ReadonlyMap<string, RunDetails>> {
  const details = new Map<string, RunDetails>();
  await forEachLimited(runs.slice(0, MOST_DETAILED), ASKED_AT_ONCE, async (run) => {
    const found = run.undecodable === undefined ? await ask(client, run).catch(() => NO_DETAILS) : NO_DETAILS;
    details.set(run.workflowId, found);
  });
  return details;
}

async function ask(client: Client, run: RunObservation): Promise<RunDetails> {
  return run.closedAt === undefined ? openDetails(client, run) : closedDetails(client, run);
}

async function openDetails(client: Client, { workflowId, summary }: RunObservation): Promise<RunDetails> {
  const progress = await askProgress(client, workflowId);
  if (progress === undefined) return { phase: phaseIn(summary), failed: [] };
  const { phase, extract, load } = progress;
  const fan = phase === 'load' ? load : extract;
  const kind = phase === 'load' ? 'table' : 'segment';
  const failed = (fan?.unfinished ?? []).filter(({ state }) => state === 'failed');
  return {
    phase,
    items: extract?.items,
    failed: failed.map(({ child, error = 'failed' }) => `${kind} ${child}: ${error}`),
  };
}

async function closedDetails(client: Client, { workflowId, summary }: RunObservation): Promise<RunDetails> {
  try {
    const { status, items, rejects } = (await client.workflow
      .getHandle(workflowId)
      .result()) as RefreshResult;
    return { phase: status === 'replaced' ? 'replace' : status, items, rejects, failed: [] };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { type } = rootCause(error.cause);
    const text = failureText(error.cause);
    return { phase: phaseIn(summary), failed: [type === undefined ? text : `${type}: ${text}`] };
  }
}

/** The phase that a run's summary names, if it names one. */
const phaseIn = (summary = ''): string | undefined =>
  PHASES.find((phase) => new RegExp(`\\b${phase}\\b`).test(summary));
