import { randomUUID } from 'node:crypto';
import { type Item, itemBytes } from '../item.ts';
import { type Sequence, sequenceText } from './sequence-numbers.ts';

export const VIEW_TYPES = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
export type ViewType = (typeof VIEW_TYPES)[number];

/** A write that changed an item. */
export interface Change {
  readonly key: Item;
  /** The item before it; undefined if there was none. */
  readonly before: Item | undefined;
  /** The item after it; undefined if it was deleted. */
  readonly after: Item | undefined;
  /** DynamoDB deleted the item because its time to live had passed. */
  readonly expired?: boolean;
}

interface RecordContext {
  readonly viewType: ViewType;
  readonly region: string;
  readonly sequence: Sequence;
  readonly atMs: number;
}

/**
 * A record as GetRecords returns it, as JSON.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export function streamRecord(change: Change, context: RecordContext): { json: string; size: number } {
  const { key, before, after, expired } = change;
  const { viewType } = context;
  const newImage = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? after : undefined;
  const oldImage = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? before : undefined;
  const size = itemBytes(key) + itemBytes(newImage) + itemBytes(oldImage);
  const json = JSON.stringify({
    eventID: randomUUID().replaceAll('-', ''),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: context.region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(context.atMs / 1000),
      Keys: key,
      NewImage: newImage,
      OldImage: oldImage,
      SequenceNumber: sequenceText(context.sequence),
      SizeBytes: size,
      StreamViewType: viewType,
    },
    ...(expired === true && { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  });
  return { json, size };
}
