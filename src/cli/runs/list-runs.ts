import { newestRuns } from '../observe/find-run.ts';
import type { RunObservation } from '../observe/observe-run.ts';
import { secondsOf, stateText } from '../observe/run-state.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { duration, instant } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

export interface RunsOptions {
  readonly pipeline?: string;
  readonly limit?: number;
  readonly json?: boolean;
  readonly config?: string;
}

const SHOWN = 20;

export async function listRuns(options: RunsOptions): Promise<ExitCode> {
  const runs = await withTemporal(options.config, (client) =>
    newestRuns(client, { limit: options.limit ?? SHOWN, pipeline: options.pipeline }),
  );
  if (options.json) {
    for (const run of runs) process.stdout.write(`${JSON.stringify(runJson(run))}\n`);
  } else if (runs.length === 0) {
    const whose = options.pipeline === undefined ? '' : ` of ${options.pipeline}`;
    process.stdout.write(
      `No runs${whose} yet. Start one: ${TRIBUTARY} run ${options.pipeline ?? '<pipeline>'}\n`,
    );
  } else process.stdout.write(`${runsTable(runs, paletteFor(process.stdout)).join('\n')}\n`);
  return ExitCode.done;
}

export function runsTable(runs: readonly RunObservation[], colours: Palette): string[] {
  return textTable(
    [
      { title: 'pipeline' },
      { title: 'run' },
      { title: 'state' },
      { title: 'started' },
      { title: 'took', align: 'right' },
    ],
    runs.map((run) => [
      run.pipeline ?? '?',
      run.undecodable === undefined ? (run.run ?? run.workflowId) : run.workflowId,
      `${stateText(run, colours)}${run.undecodable === undefined ? '' : ' (cannot be decoded here)'}`,
      instant(run.startedAt).slice(0, 16),
      duration(secondsOf(run)),
    ]),
    colours.dim,
  );
}

export const runJson = (run: Omit<RunObservation, 'progress' | 'result'>) => ({
  run: run.run ?? null,
  pipeline: run.pipeline ?? null,
  workflowId: run.workflowId,
  state: run.state,
  startedAt: run.startedAt.toISOString(),
  seconds: Math.round(secondsOf(run) * 10) / 10,
  summary: run.summary ?? null,
  ...(run.rolledBackTo === undefined ? {} : { rolledBackTo: run.rolledBackTo }),
  ...(run.undecodable === undefined ? {} : { undecodable: `cannot be decoded here: ${run.undecodable}` }),
});
