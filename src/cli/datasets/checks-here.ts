import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checksOfFile } from '../../config/datasets/checks-file.ts';
import { configPath } from '../../config/read-config.ts';
import type { ChecksSetting, StepChecks } from '../../pipeline/datasets/checks-setting.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

/**
 * The checks of a dataset, also if they are in a file of their own.
 * @throws ConfigError with what is wrong in the file
 * @throws CommandError if it cannot be read
 */
export async function checksHere(
  { checks }: { readonly checks: ChecksSetting },
  config: string | undefined,
): Promise<StepChecks> {
  if (typeof checks !== 'string') return checks;
  const file = resolve(dirname(configPath(config)), checks);
  return checksOfFile(await textOf(file), file);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(ExitCode.usage, `The checks cannot be read: ${(error as Error).message}`);
  }
}
