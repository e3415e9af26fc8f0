import { Terminal } from '../../clients/errors.ts';
import type { SkipOrder } from '../../contract/changes/apply-activities.ts';
import { rewindRange } from '../../pipeline/apply/rewind-range.ts';
import { keyHash } from '../../pipeline/changes/apply-keys.ts';
import type { Key } from '../../pipeline/item/key.ts';
import type { Position } from '../../pipeline/load/positions.ts';
import type { LastImage } from '../../store/changes/last-images.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { readShards } from '../../store/changes/log-files.ts';
import type { ImageReading } from './image-reading.ts';
import { imagesOfRange } from './rewind-log.ts';

/** Redshift refused rows of these keys. */
export class RefusedKeys extends Terminal {
  readonly keyHashes: readonly string[];

  constructor(message: string, keyHashes: readonly string[], options?: ErrorOptions) {
    super('LoadFailed', message, options);
    this.keyHashes = keyHashes;
  }
}

/** Why an operator has an image left out; undefined: not at all. */
export function skipReason(
  skips: readonly SkipOrder[],
  key: Key,
  { key: item, shard, checkpoint }: LastImage,
): string | undefined {
  const near = skips.filter((skip) => skip.shard === shard && skip.checkpoint === checkpoint);
  if (near.length === 0) return undefined;
  const hash = keyHash(key, item);
  const found = near.find((skip) => skip.keyHash === hash);
  return found === undefined ? undefined : `skipped by an operator: ${found.reason}`;
}

/**
 * The failure of an apply, with the changes that it is about, so that an operator can skip them.
 * @param of what the apply was to bring: the schema's positions before and after
 */
export async function namingChanges(
  refused: RefusedKeys,
  log: ChangeLog,
  { before, after }: { readonly before: readonly Position[]; readonly after: readonly Position[] },
  reading: ImageReading,
  {
    order,
    signal,
    onStep,
  }: { readonly order: string; readonly signal: AbortSignal; readonly onStep: () => void },
): Promise<Terminal> {
  const wanted = new Set(refused.keyHashes);
  if (wanted.size === 0) return refused;
  const shards = await readShards(log, undefined, signal);
  const range = rewindRange(
    shards,
    after,
    new Map(before.map(({ shard, checkpoint }) => [shard, checkpoint])),
  );
  const { key } = reading;
  const isWanted = (item: LastImage['key']) => wanted.has(keyHash(key, item));
  const images = await imagesOfRange(log, range, reading, {
    ...{ isWanted, mostBytes: Number.POSITIVE_INFINITY, signal, onStep },
  });
  const [first] = [...(images?.images() ?? [])];
  images?.discard();
  if (first === undefined) return refused;
  const { shard, checkpoint } = first;
  const hash = keyHash(key, first.key);
  return new Terminal(
    'LoadFailed',
    `To leave the change out until the item's next one: "${order} --key-hash ${hash} --shard ${shard} ` +
      `--checkpoint ${checkpoint} --reason …". ${refused.message}`,
    { cause: refused },
  );
}
