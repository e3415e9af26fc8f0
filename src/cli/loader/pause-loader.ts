import { PAUSE, RESUME } from '../../contract/loader.ts';
import { ExitCode } from '../terminal/exit-code.ts';
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

/** Starts batches again. */
export async function resumeLoader(name: string, { config }: PauseOptions): Promise<ExitCode> {
  const answer = await orderedOf(name, { update: RESUME, what: 'resume' }, config);
  process.stdout.write(`${asTypedHere(answer)}\n`);
  return ExitCode.done;
}
