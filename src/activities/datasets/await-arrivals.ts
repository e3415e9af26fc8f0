import { Context, log } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import type { MessageQueue } from '../../clients/message-queue.ts';
import type { Arrivals, AwaitArrivalsInput } from '../../contract/datasets/dataset-activities.ts';
import { readMessage } from '../../pipeline/loader/s3-event.ts';
import type { RawSource } from '../../store/datasets/list-source.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { openDataset } from './open-dataset.ts';

/** SQS's longest poll. */
const POLL_SECONDS = 20;
/** Messages are deleted at once. A worker that dies before delays them by this. */
const HIDDEN_SECONDS = 60;

/**
 * Waits until files of the dataset are announced. Announcements are only hints: the run that follows lists the source, and so finds files
 * whose announcement was lost, too.
 * @throws Terminal `BadInput` if the dataset has no queue
 */
export async function awaitArrivals(
  deps: Dependencies,
  { dataset: name, mostSeconds }: AwaitArrivalsInput,
): Promise<Arrivals> {
  let files = 0;
  return whileHeartbeating(
    () => `waiting for files of ${name}: ${files} announced`,
    async (signal) => {
      const { definition, source } = await openDataset(deps, name);
      const { queue: url, gather } = definition.source;
      if (url === undefined)
        throw new Terminal('BadInput', `Dataset ${name} has no source.queue, so no files are announced.`);
      const stop = deps.stopping === undefined ? signal : AbortSignal.any([signal, deps.stopping]);
      const queue = deps.queue(url);
      let untilMs = performance.now() + mostSeconds * 1000;
      while (!stop.aborted) {
        const waitSeconds = Math.min(POLL_SECONDS, Math.ceil((untilMs - performance.now()) / 1000));
        if (waitSeconds <= 0) break;
        const announced = await receive(queue, source, waitSeconds, stop);
        if (files === 0 && announced > 0) untilMs = performance.now() + gather * 1000;
        files += announced;
      }
      signal.throwIfAborted();
      return { files, isUnsure: Context.current().info.attempt > 1 };
    },
  );
}

/** @returns how many files of the dataset were announced */
async function receive(
  queue: MessageQueue,
  { store, prefix, isWanted }: RawSource,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<number> {
  const messages = await queue
    .receive({ max: 10, waitSeconds, visibilitySeconds: HIDDEN_SECONDS, signal })
    .catch((error: unknown) => {
      if (signal.aborted) return [];
      throw error;
    });
  const done: string[] = [];
  let files = 0;
  for (const { receipt, body } of messages) {
    const read = readMessage(body);
    // It stays, for the dead-letter queue.
    if ('poison' in read) log.warn(`a message of ${queue.url} is not of S3: ${read.poison}`);
    else {
      done.push(receipt);
      files += read.files.filter(
        ({ bucket, key }) =>
          bucket === store.bucket && key.startsWith(prefix) && isWanted(key.slice(prefix.length)),
      ).length;
    }
  }
  if (done.length > 0) await queue.delete(done);
  return files;
}
