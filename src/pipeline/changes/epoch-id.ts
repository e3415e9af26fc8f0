import { createHash } from 'node:crypto';

/**
 * The name of an epoch: 16 hexadecimal digits that differ for another table, another stream of the same table, and exports.
 * @param from the table's id, and the stream's ARN unless changes come from exports
 */
export const epochId = ({ tableId, streamArn }: { readonly tableId: string; readonly streamArn?: string }) =>
  createHash('sha256')
    .update(JSON.stringify([tableId, streamArn ?? 'exports']))
    .digest('hex')
    .slice(0, 16);
