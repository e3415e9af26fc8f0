import type { ObjectStore } from '../../clients/object-store.ts';
import type { WrittenFile } from '../../pipeline/datasets/documents.ts';
import { daysOf } from '../../pipeline/datasets/graph/calendar.ts';
import { copyDown } from '../../store/datasets/local-files.ts';
import { Gone } from '../../store/datasets/raw-bytes.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import type { AnyDataset } from './datasets-here.ts';

/**
 * Copies a file of a partition to this machine.
 * @param remedy what restores it, a sentence; absent: nothing does
 * @throws CommandError if it is gone
 */
export async function fetchFile(
  store: ObjectStore,
  file: Pick<WrittenFile, 'key' | 'etag' | 'bytes'>,
  path: string,
  remedy: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    await copyDown(store, file, path, signal);
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    const message = `${error.message}.${remedy === undefined ? '' : ` ${remedy}`}`;
    throw new CommandError(ExitCode.failed, message, { cause: error });
  }
}

/** What writes a partition again. @param value its day, month or hour */
export function rebuiltBy(dataset: string, definition: AnyDataset, value: string): string {
  const { first, last } = definition.partition.unit === 'all' ? ANY_DAY : daysOf(value);
  const order = 'source' in definition ? `rebuild ${dataset} --from ${first} --to ${last}` : `run ${dataset}`;
  return `To write the partition again: ${TRIBUTARY} dataset ${order}${WITH_CONFIG}`;
}

const ANY_DAY = { first: '<day>', last: '<day>' };
