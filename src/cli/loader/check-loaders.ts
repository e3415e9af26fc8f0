import type { Client } from '@temporalio/client';
import { configPath } from '../../config/read-config.ts';
import type { CheckLoaderInput, CheckLoaderResult } from '../../contract/maintenance.ts';
import { checkTemporal, checkWorkers } from '../maintenance/check-temporal.ts';
import { doctorLines, type ReportedCheck } from '../maintenance/doctor-lines.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { perform } from '../temporal/perform.ts';
import { newRunName } from '../temporal/run-name.ts';
import { NEEDED_BY_LOADERS } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { type Interrupt, onInterrupt } from '../terminal/interrupt.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { chosenLoaders, loadersHere } from './loaders-here.ts';

export interface CheckLoadersOptions {
  readonly json?: boolean;
  readonly config?: string;
}

/** How long a worker may take per loader. */
const ANSWER_SECONDS = 120;

/** Checks what this machine can check, and lets a worker check the services with its own identity. */
export async function checkLoaders(
  names: readonly string[],
  { json = false, config }: CheckLoadersOptions,
): Promise<ExitCode> {
  const loaders = chosenLoaders(await loadersHere(config), names, config);
  const found = `${configPath(config)} is valid: ${counted(loaders.length, 'loader')} to check`;
  const checks: ReportedCheck[] = [{ area: 'configuration', what: 'file', state: 'ok', found }];
  await withTemporal(config, async (client, { address }) => {
    checks.push(...(await checkTemporal(client, address)));
    const workers = await checkWorkers(client, NEEDED_BY_LOADERS);
    checks.push(...workers);
    if (workers.some(({ state }) => state === 'problem')) return;
    const interrupt = onInterrupt();
    const asked = loaders.map((loader) => ask(client, loader, interrupt));
    const answers = await Promise.all(asked).finally(interrupt.release);
    checks.push(...answers.flat());
  });
  const ok = checks.every(({ state }) => state !== 'problem');
  const lines = json
    ? [JSON.stringify({ ok, checks })]
    : doctorLines(
        { checks, removed: [], kept: [] },
        { problemsOnly: false, colours: paletteFor(process.stdout) },
      );
  process.stdout.write(`${lines.join('\n')}\n`);
  return ok ? ExitCode.done : ExitCode.failed;
}

async function ask(client: Client, loader: string, interrupt: Interrupt): Promise<ReportedCheck[]> {
  const workflowId = `check-loader-${loader}-${newRunName()}`;
  const work = { type: 'checkLoader', workflowId, input: { loader }, summary: `check loader ${loader}` };
  try {
    const { checks } = await perform<CheckLoaderResult, CheckLoaderInput>(client, work, {
      ...{ readOnly: true, timeoutSeconds: ANSWER_SECONDS, interrupt },
    });
    return checks.map((check) => ({ loader, ...check }));
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode === ExitCode.interrupted) throw error;
    return [{ loader, area: 'workers', what: 'answer', state: 'problem', found: error.message }];
  }
}
