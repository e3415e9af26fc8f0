import { configPath } from '../../config/read-config.ts';
import { askCheck } from '../maintenance/ask-check.ts';
import { checkTemporal, checkWorkers } from '../maintenance/check-temporal.ts';
import { doctorLines, type ReportedCheck } from '../maintenance/doctor-lines.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { NEEDED_BY_LOADERS } from '../temporal/task-queue-pollers.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
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
    const waiting = { timeoutSeconds: ANSWER_SECONDS, interrupt };
    const asked = loaders.map((loader) => askCheck(client, { loader }, waiting));
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
