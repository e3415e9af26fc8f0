import { z } from 'zod';

/** One attribute of the DynamoDB table's primary key. */
export const KeyAttribute = z.object({ name: z.string(), kind: z.enum(['S', 'N', 'B']) });
export type KeyAttribute = z.infer<typeof KeyAttribute>;

/** The primary key: the partition key, then the sort key if there is one. */
export const Key = z.array(KeyAttribute).min(1).max(2);
export type Key = z.infer<typeof Key>;
