import { refreshWorkflowId } from '../../contract/refresh.ts';
import { NO_FIGURES } from '../observe/run-figures.ts';
import { jsonReport } from '../observe/run-report.ts';
import { beginRun } from '../temporal/begin-run.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { newRunName } from '../temporal/run-name.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { storedRun } from './stored-run.ts';
import { watchRun } from './watch-run.ts';

export interface ReplayOptions {
  readonly run?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Starts a run that maps an earlier run's rejects again, with this machine's configuration. */
export async function replayRejects(earlier: string, options: ReplayOptions): Promise<ExitCode> {
  const { pipeline, definition } = await storedRun(earlier, options.config);
  const run = options.run ?? newRunName();
  return withTemporal(options.config, async (client) => {
    const workflowId = refreshWorkflowId(pipeline, run);
    await beginRun(client, workflowId, { pipeline, run, definition, replay: earlier });
    const out = options.json ? process.stderr : process.stdout;
    out.write(`Started ${pipeline}, run ${run}, with the rejects of run ${earlier}\n`);
    if (options.wait) {
      out.write('\n');
      return watchRun(client, {
        ...{ workflowId, pipeline, run },
        json: options.json ?? false,
        config: options.config,
      });
    }
    out.write(`  Watch it: ${TRIBUTARY} status ${run} --wait\n`);
    if (options.json) process.stdout.write(`${jsonReport(run, 'started', NO_FIGURES, 0)}\n`);
    return ExitCode.done;
  });
}
