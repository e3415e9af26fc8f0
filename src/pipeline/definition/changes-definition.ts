import { z } from 'zod';
import { DURATION, durationSeconds } from '../text/durations.ts';
import { ByteSize } from './byte-size.ts';
import { FineSeconds, SecondsUpTo } from './duration.ts';

/** `source.changes`: how a pipeline follows its table between runs. */

const KEEP_DAYS = z
  .number()
  .int()
  .min(1)
  .max(365)
  .default(7)
  .describe(
    'How many days changes stay in the log at least. Older ones leave it once every destination, every backup and every unfinished run is past them.',
  );

const SETTLE_SECONDS = SecondsUpTo(3600)
  .prefault(300)
  .describe(
    'How far before its scan a run begins with the log: the margin for eventually consistent reads. A run waits until the log covers it.',
  );

/** The most of one cut: all readers of a worker share 64 MB. */
const MAX_CUT_BYTES = 64_000_000;

const CUT_BYTES = ByteSize.refine((bytes) => bytes <= MAX_CUT_BYTES, 'at most 64MB').prefault('8MB');

const StreamChanges = z.strictObject({
  kind: z
    .literal('streams')
    .describe(
      'The table’s stream, with the view type `NEW_IMAGE` or `NEW_AND_OLD_IMAGES`. DynamoDB keeps changes in it for 24 hours.',
    ),
  cutSeconds: FineSeconds.prefault(15).describe(
    'How long a shard’s changes are held before they are written to the log, from the first of them. A shard without changes writes nothing.',
  ),
  cutBytes: CUT_BYTES.describe('The bytes of changes at which a shard is written earlier, as JSON.'),
  keepDays: KEEP_DAYS,
  settleSeconds: SETTLE_SECONDS,
});

/** The window of an incremental export. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html */
const WINDOW_SECONDS = { least: 15 * 60, most: 24 * 3600 };

const ExportChanges = z.strictObject({
  kind: z
    .literal('exports')
    .describe(
      'Incremental exports to S3, which need point-in-time recovery, but no stream and no read capacity.',
    ),
  every: z
    .string()
    .regex(DURATION.pattern, DURATION.means)
    .refine((text) => {
      const seconds = durationSeconds(text) ?? 0;
      return seconds >= WINDOW_SECONDS.least && seconds <= WINDOW_SECONDS.most;
    }, 'a duration from 15m to 24h, as of a window of an export')
    .meta({ title: DURATION.means })
    .default('15m')
    .describe('How much time one export covers, from 15m to 24h. After an outage, windows are longer.'),
  viewType: z
    .enum(['NEW_AND_OLD_IMAGES', 'NEW_IMAGE'])
    .default('NEW_AND_OLD_IMAGES')
    .describe(
      'The images that exports have. Only a history needs old ones: without them, it does not know what an item was before.',
    ),
  cutBytes: CUT_BYTES.describe('The bytes of changes that one file of the log has, as JSON.'),
  keepDays: KEEP_DAYS,
  settleSeconds: SETTLE_SECONDS,
});

export const ChangesDefinition = z.discriminatedUnion('kind', [StreamChanges, ExportChanges]);
export type ChangesDefinition = z.infer<typeof ChangesDefinition>;
