import { configPath } from '../../config/read-config.ts';
import { refreshWorkflowId } from '../../contract/refresh.ts';
import { beginRun } from '../temporal/begin-run.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { newRunName } from '../temporal/run-name.ts';
import type { ExitCode } from '../terminal/exit-code.ts';
import { afterStart } from './after-start.ts';
import { storedRun } from './stored-run.ts';

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
    const file = options.config ?? configPath();
    await beginRun(client, workflowId, { pipeline, run, definition, replay: earlier }, file);
    const out = options.json ? process.stderr : process.stdout;
    out.write(`Started ${pipeline}, run ${run}, with the rejects of run ${earlier}\n`);
    return afterStart(client, { workflowId, pipeline, run }, options);
  });
}
