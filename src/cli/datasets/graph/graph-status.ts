import type { PlanDatasetsResult } from '../../../contract/datasets/graph.ts';
import { graphText } from '../../../report/graph/graph-text.ts';
import { withTemporal } from '../../temporal/command-context.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../../terminal/invocation.ts';
import { count, counted, instant } from '../../terminal/measures.ts';
import { paletteFor } from '../../terminal/palette.ts';
import { type OpenRun, openRuns } from './open-runs.ts';
import { plannedBy } from './run-graph.ts';
import { pictureOf } from './show-graph.ts';
import { unfinishedLines } from './unfinished-lines.ts';

/** Lines that are shown unless all are asked for. */
const SHOWN = 10;

/** `tributary dataset status`: what runs, and the graph as text, with what is not complete. */
export async function showGraphStatus(
  dataset: string | undefined,
  { json = false, all = false, config }: GraphStatusOptions,
): Promise<ExitCode> {
  return withTemporal(config, async (client) => {
    const runs = await openRuns(client);
    const plan = await plannedBy(client, dataset, given(config), runs);
    process.stdout.write(json ? `${JSON.stringify({ runs, ...plan })}\n` : statusText(plan, runs, all));
    return plan.totals.failed + plan.totals.blocked === 0 ? ExitCode.done : ExitCode.failed;
  });
}

export interface GraphStatusOptions {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

const given = (config: string | undefined) => (config === undefined ? {} : { config });

export function statusText(plan: PlanDatasetsResult, runs: readonly OpenRun[], all: boolean): string {
  const { dim, yellow } = paletteFor(process.stdout);
  const { partitions, totals } = plan;
  const lines = unfinishedLines(partitions);
  const shown = all ? lines : lines.slice(0, SHOWN);
  const unfinished = totals.ready + totals.waits + totals.blocked + totals.held + totals.failed;
  const waits = runs.some(({ progress }) => progress?.phase === 'waiting');
  return [
    ...runs.map((run) => `${runText(run)}  ${dim(run.workflowId)}`),
    ...(runs.length === 0 ? [] : ['']),
    graphText(pictureOf(plan, '')).trimEnd(),
    ...(shown.length === 0 ? [] : ['']),
    ...shown,
    ...(lines.length > shown.length ? [dim(`and ${count(lines.length - shown.length)} more: --all`)] : []),
    ...(all && unfinished > partitions.length
      ? [
          dim(
            `and ${count(unfinished - partitions.length)} more${plan.plan === undefined ? '' : `: ${plan.plan}`}`,
          ),
        ]
      : []),
    ...(waits ? ['', yellow(`Fix the cause, then: ${TRIBUTARY} dataset retry${WITH_CONFIG}`)] : []),
    '',
  ].join('\n');
}

function runText({ startedAt, progress }: OpenRun): string {
  const since = `since ${instant(new Date(startedAt))}`;
  if (progress === undefined) return `a run ${since}: no worker answers`;
  const { phase, built, unchanged, running, totals, waitsFor } = progress;
  const what = {
    files: 'takes files',
    build: `builds ${counted(running, 'partition')}`,
    catalogue: 'updates the catalogue',
    waiting: `waits${waitsFor === 'operator' ? ' for you' : ''}: ${counted(totals?.failed ?? 0, 'partition')} failed${waitsFor === 'retry' ? ' and will be built again' : ''}`,
    done: 'publishes',
  } as const;
  return `a run ${since} ${what[phase]}; ${count(built)} new or changed, ${count(unchanged)} unchanged`;
}
