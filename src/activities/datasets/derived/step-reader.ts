import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Terminal } from '../../../clients/errors.ts';
import { messageOf } from '../../../pipeline/failure/message-of.ts';

/** Reads files beside the configuration. @param directory of the configuration file */
export const stepReader =
  (directory: () => string) =>
  async (path: string): Promise<string> => {
    const file = resolve(directory(), path);
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      throw new Terminal('StepInvalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  };
