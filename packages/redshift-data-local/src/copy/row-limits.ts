import { CopyFailure } from './copy-failure.ts';

/** AWS: "The maximum size of a single input row from any source is 4 MB". */
export const MAX_ROW_BYTES = 4 * 1024 * 1024;

export function rowTooLarge(fileName: string): CopyFailure {
  return new CopyFailure(`A row of ${fileName} is larger than the maximum of 4 MB`, { code: 8001 });
}
