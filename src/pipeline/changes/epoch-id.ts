import { createHash } from 'node:crypto';

interface EpochOf {
  readonly tableId: string;
  /** Absent if changes come from exports. */
  readonly streamArn?: string;
  /** How often the pipeline has returned to it from the other kind of changes, from 1. Default: 1. */
  readonly generation?: number;
}

/**
 * The name of an epoch: 16 hexadecimal digits that differ for another table, another stream of the same table, and exports,
 * and each time a pipeline returns to one of them.
 */
export const epochId = ({ tableId, streamArn, generation = 1 }: EpochOf): string =>
  createHash('sha256')
    .update(JSON.stringify([tableId, streamArn ?? 'exports', ...(generation === 1 ? [] : [generation])]))
    .digest('hex')
    .slice(0, 16);
