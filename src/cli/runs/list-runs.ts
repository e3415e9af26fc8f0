import { newestRuns } from '../observe/find-run.ts';
import type { RunObservation } from '../observe/observe-run.ts';
import { secondsOf, stateText } from '../observe/run-state.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { refuseUnknownPipeline } from '../temporal/pipeline-of.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { count, counted, duration, instant } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';
import { detailsOf, type RunDetails } from './run-details.ts';

export interface RunsOptions {
  readonly pipeline?: string;
  readonly limit?: number;
  readonly json?: boolean;
  readonly config?: string;
}

const SHOWN = 20;

export async function listRuns(options: RunsOptions): Promise<ExitCode> {
  const { runs, details } = await withTemporal(options.config, async (client) => {
    const newest = await newestRuns(client, {
      limit: options.limit ?? SHOWN,
      pipeline: options.pipeline,
    });
    return { runs: newest, details: await detailsOf(client, newest) };
  });
  // The runs of a pipeline that was removed from the file are still listed.
  if (runs.length === 0 && options.pipeline !== undefined)
    await refuseUnknownPipeline(options.pipeline, options.config);
  if (options.json) {
    for (const run of runs)
      process.stdout.write(
        `${JSON.stringify({ ...runJson(run), ...detailsJson(details.get(run.workflowId)) })}\n`,
      );
  } else if (runs.length === 0) {
    const whose = options.pipeline === undefined ? '' : ` of ${options.pipeline}`;
    process.stdout.write(
      `No runs${whose} yet. Start one: ${TRIBUTARY} run ${options.pipeline ?? '<pipeline>'}\n`,
    );
  } else process.stdout.write(`${runsTable(runs, paletteFor(process.stdout), details).join('\n')}\n`);
  return ExitCode.done;
}

/** Reasons are cut to the width of a terminal; the first few of each run are shown. */
const REASON_WIDTH = 100;
const REASONS_SHOWN = 3;

/** @param details if known: phase and items of each run, and what failed on lines below it */
export function runsTable(
  runs: readonly RunObservation[],
  colours: Palette,
  details?: ReadonlyMap<string, RunDetails>,
): string[] {
  const [titles, ...lines] = textTable(
    [
      { title: 'pipeline' },
      { title: 'run' },
      { title: 'state' },
      ...(details === undefined ? [] : [{ title: 'phase' }, { title: 'items', align: 'right' as const }]),
      { title: 'started' },
      { title: 'took', align: 'right' },
    ],
    runs.map((run) => [
      run.destination === undefined ? (run.pipeline ?? '?') : `${run.pipeline}/${run.destination}`,
      run.undecodable === undefined ? (run.run ?? run.workflowId) : run.workflowId,
      `${stateText(run, colours)}${run.undecodable === undefined ? '' : ' (cannot be decoded here)'}`,
      ...(details === undefined ? [] : detailCells(details.get(run.workflowId))),
      instant(run.startedAt).slice(0, 16),
      duration(secondsOf(run)),
    ]),
    colours.dim,
  );
  return [
    titles ?? '',
    ...lines.flatMap((line, i) => [line, ...reasons(details?.get(runs[i]!.workflowId), colours)]),
  ];
}

const detailCells = ({ phase = '', items }: RunDetails = { failed: [] }) => [
  phase,
  items === undefined ? '' : count(items),
];

function reasons(details: RunDetails | undefined, colours: Palette): string[] {
  const { failed = [], rejects = 0 } = details ?? {};
  const more = failed.length - REASONS_SHOWN;
  return [
    ...failed.slice(0, REASONS_SHOWN).map((reason) => colours.red(`  ${clipped(reason, REASON_WIDTH)}`)),
    ...(more > 0 ? [colours.red(`  and ${count(more)} more`)] : []),
    ...(rejects > 0 ? [colours.yellow(`  ${counted(rejects, 'item')} set aside`)] : []),
  ];
}

export const runJson = (run: Omit<RunObservation, 'progress' | 'result'>) => ({
  run: run.run ?? null,
  pipeline: run.pipeline ?? null,
  ...(run.destination === undefined ? {} : { destination: run.destination }),
  workflowId: run.workflowId,
  state: run.state,
  startedAt: run.startedAt.toISOString(),
  seconds: Math.round(secondsOf(run) * 10) / 10,
  summary: run.summary ?? null,
  ...(run.rolledBackTo === undefined ? {} : { rolledBackTo: run.rolledBackTo }),
  ...(run.undecodable === undefined ? {} : { undecodable: `cannot be decoded here: ${run.undecodable}` }),
});

export const detailsJson = ({ phase, items, rejects, failed }: RunDetails = { failed: [] }) => ({
  phase: phase ?? null,
  items: items ?? null,
  rejects: rejects ?? null,
  failed,
});
