import { Terminal } from '../../clients/errors.ts';
import type { ReadShardInput, ReadShardResult } from '../../contract/changes/changes.ts';
import type { LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
import { counted } from '../../pipeline/text/measures.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { findShard, lastLogCheckpoint } from '../../store/changes/log-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { countLimit, countRecorded, measureAge, measureOldest } from '../runtime/metrics.ts';
import type { CutMemory } from './cut-memory.ts';
import { rereading } from './followed-table.ts';
import type { IteratorAges } from './iterator-ages.ts';
import { readEpoch } from './read-epoch.ts';
import { ShardReading } from './shard-reading.ts';
import { WindowReading } from './window-reading.ts';

/** What the readers of one worker share. */
export interface SharedByReaders {
  readonly memory: CutMemory;
  readonly ages: IteratorAges;
}

/**
 * Reads one shard into the log, from its last checkpoint to its end. If the stream no longer has what follows a checkpoint, a
 * gap is recorded, and the rest of the shard is read nevertheless. A window of exports is exported first.
 * @throws Terminal `BadInput`, `DamagedFile`, `HashKeyMissing`, and the codes of exports; Transient `WorkerStopping` after the current cut
 */
export function readShardRecords(
  deps: Dependencies,
  { memory, ages }: SharedByReaders,
  input: ReadShardInput,
): Promise<ReadShardResult> {
  const { pipeline, shard: name } = input;
  const reached: { last?: LogCheckpoint | undefined } = {};
  const stream = { ageSeconds: 0, limitHits: 0 };
  let held = '';
  const describe = () => ({
    doing: `reading shard ${name} of ${pipeline}${held}`,
    stream: { ...stream },
    ...(reached.last === undefined
      ? {}
      : {
          checkpoint: reached.last.number,
          items: reached.last.total.records,
          bytes: reached.last.total.bytes,
        }),
  });
  return whileHeartbeating(
    describe,
    async (signal) => {
      const record = ActivityRecord.current();
      const followed = await rereading(deps, pipeline);
      const { bucket, prefix } = input.staging ?? (await followed()).staging;
      const log: ChangeLog = { store: deps.store(bucket), at: { prefix, pipeline, epoch: input.epoch } };
      const epoch = await readEpoch(log, signal);
      const shard = await findShard(log, name, signal);
      if (shard === undefined) {
        throw new Terminal(
          'BadInput',
          `The change log of ${pipeline} has no shard ${JSON.stringify(name)}: it enters the log once its parent was read to its end.`,
        );
      }
      const resume = async () => {
        reached.last = await lastLogCheckpoint(log, name, reached.last?.number, signal);
        return reached.last;
      };
      let last = await resume();
      record.refuseRepeatedLoss(`shard ${name} of ${pipeline}, after checkpoint ${last?.number ?? 0}`);
      const Reading = epoch.kind === 'streams' ? ShardReading : WindowReading;
      const reading = new Reading({
        ...{ deps, log, epoch, shard, memory, followed, signal },
        onWait: (waiting) => {
          held = `: ${waiting}`;
        },
        onLimit: (call) => {
          stream.limitHits++;
          countLimit(pipeline, call);
        },
        onPage: ({ newest }) => {
          stream.ageSeconds = newest === undefined ? 0 : Math.max(0, deps.nowMs() / 1000 - newest);
          if (newest !== undefined) measureAge(pipeline, stream.ageSeconds);
          measureOldest(pipeline, ages.note(pipeline, name, stream.ageSeconds));
        },
        onHeld: ({ records, lastAt }) => {
          const at = lastAt === undefined ? '' : `, the last of ${new Date(lastAt * 1000).toISOString()}`;
          held = records === 0 ? '' : `: ${counted(records, 'change')} not written yet${at}`;
          // Nothing that was read can have killed the worker: all of it is written.
          if (records === 0 && record.isLoss) record.advance();
        },
      });
      try {
        // If the pipeline now follows its table by the other kind, what is not read yet is not needed.
        while (last?.ended !== true && (await followed()).kind === epoch.kind) {
          for await (const checkpoint of reading.resumeFrom(last)) {
            const { file } = checkpoint;
            countRecorded(pipeline, { changes: file?.records ?? 0, bytes: file?.bytes ?? 0 });
            reached.last = checkpoint;
            record.advance();
          }
          // Another attempt has claimed the next checkpoint, unless the shard has ended.
          last = await resume();
        }
      } finally {
        reading.end();
        measureOldest(pipeline, ages.forget(pipeline, name));
      }
      return { shard: name, records: last?.total.records ?? 0, checkpoints: last?.number ?? 0 };
    },
    { checksLosses: true },
  );
}
