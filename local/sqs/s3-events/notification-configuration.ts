import { z } from 'zod';

const CREATED_EVENTS = [
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
] as const;

const FilterRule = z.strictObject({
  // S3 accepts both spellings.
  Name: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['prefix', 'suffix'])),
  Value: z.string(),
});

/** Which events of a bucket go to one queue, in the form of S3's PutBucketNotificationConfiguration. */
export const QueueConfiguration = z.strictObject({
  Id: z.string().min(1).max(255).optional(),
  QueueArn: z.string().min(1),
  Events: z.array(z.enum(['s3:ObjectCreated:*', ...CREATED_EVENTS])).min(1),
  Filter: z
    .strictObject({ Key: z.strictObject({ FilterRules: z.array(FilterRule).max(2).default([]) }) })
    .optional(),
});
export type QueueConfiguration = z.output<typeof QueueConfiguration>;

/**
 * A bucket's configuration. Topics, functions and EventBridge are refused.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_NotificationConfiguration.html
 */
export const NotificationConfiguration = z.strictObject({
  QueueConfigurations: z.array(QueueConfiguration).default([]),
});
export type NotificationConfiguration = z.output<typeof NotificationConfiguration>;

/** @param eventName e.g. `s3:ObjectCreated:Put` */
export function isWanted(configuration: QueueConfiguration, eventName: string, key: string): boolean {
  const isNamed = configuration.Events.some(
    (event) => event === eventName || (event.endsWith('*') && eventName.startsWith(event.slice(0, -1))),
  );
  return (
    isNamed &&
    key.startsWith(filter(configuration, 'prefix')) &&
    key.endsWith(filter(configuration, 'suffix'))
  );
}

/** S3 refuses two configurations of a bucket if one object could match both. */
export function overlap(a: QueueConfiguration, b: QueueConfiguration): boolean {
  const shareEvent = CREATED_EVENTS.some((event) => {
    const names = ({ Events }: QueueConfiguration) =>
      Events.includes(event) || Events.includes('s3:ObjectCreated:*');
    return names(a) && names(b);
  });
  const [prefixes, suffixes] = (['prefix', 'suffix'] as const).map(
    (name) => [filter(a, name), filter(b, name)] as const,
  );
  return (
    shareEvent &&
    (prefixes![0].startsWith(prefixes![1]) || prefixes![1].startsWith(prefixes![0])) &&
    (suffixes![0].endsWith(suffixes![1]) || suffixes![1].endsWith(suffixes![0]))
  );
}

function filter({ Filter }: QueueConfiguration, name: 'prefix' | 'suffix'): string {
  return Filter?.Key.FilterRules.find((rule) => rule.Name === name)?.Value ?? '';
}
