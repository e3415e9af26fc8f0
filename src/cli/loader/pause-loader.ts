import { PAUSE, RESUME } from '../../contract/loader/loader.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { orderedOf } from './send-order.ts';

export interface PauseOptions {
  readonly reason?: string;
  readonly acceptTable?: boolean;
  readonly config?: string;
}

/** Starts no more batches. Files are still received, and wait. */
export async function pauseLoader(name: string, { reason, config }: PauseOptions): Promise<ExitCode> {
  const argument = reason === undefined ? {} : { argument: reason };
  const answer = await orderedOf(name, { update: PAUSE, what: 'pause', ...argument }, config);
  process.stdout.write(
    `${asTypedHere(answer)}\nFiles are still received, and wait in S3. Resume it: ${TRIBUTARY} loader resume ${name}${WITH_CONFIG}\n`,
  );
  return ExitCode.done;
}

/** Starts batches again. With `acceptTable`, first takes over the table that replaced the one loaded before. */
export async function resumeLoader(
  name: string,
  { acceptTable = false, config }: PauseOptions,
): Promise<ExitCode> {
  const argument = acceptTable ? { argument: { acceptTable } } : {};
  const answer = asTypedHere(await orderedOf(name, { update: RESUME, what: 'resume', ...argument }, config));
  if (answer.startsWith('the table could not be accepted')) throw new CommandError(ExitCode.failed, answer);
  process.stdout.write(`${answer}\n`);
  if (acceptTable)
    process.stdout.write(`Load what is parked: ${TRIBUTARY} loader retry ${name} --all${WITH_CONFIG}\n`);
  return ExitCode.done;
}
