import { randomUUID } from 'node:crypto';
import {
  isWanted,
  NotificationConfiguration,
  overlap,
  type QueueConfiguration,
} from './notification-configuration.ts';
import { type PostedRecord, s3Record } from './s3-record.ts';

/** Sends a message to the queue with this ARN. @returns false if there is none */
type Send = (queueArn: string, body: string) => boolean;
/** The size in bytes of an object with this ETag, which is the one announced; undefined if it is no longer there. */
export type SizeOf = (bucket: string, key: string, etag: string) => Promise<number | undefined>;

/** A configuration that S3 would refuse. */
export class NotificationError extends Error {}

/** The notification configurations of all buckets, and the announcement of events by them. */
export class Notifications {
  readonly #send: Send;
  readonly #buckets = new Map<string, NotificationConfiguration>();
  #changed: (bucket: string) => void = () => {};

  constructor(send: Send) {
    this.#send = send;
  }

  onChange(changed: (bucket: string) => void): void {
    this.#changed = changed;
  }

  buckets(): Iterable<string> {
    return this.#buckets.keys();
  }

  of(bucket: string): NotificationConfiguration {
    return this.#buckets.get(bucket) ?? { QueueConfigurations: [] };
  }

  /** A bucket's configuration that was read from disk. */
  restore(bucket: string, configuration: unknown): void {
    this.#buckets.set(bucket, NotificationConfiguration.parse(configuration));
  }

  /**
   * Replaces a bucket's configuration and, like S3, sends `s3:TestEvent` to its queues.
   * @throws NotificationError if a queue does not exist, or one object could match two configurations
   */
  replace(bucket: string, { QueueConfigurations }: NotificationConfiguration): NotificationConfiguration {
    const configurations = QueueConfigurations.map((each) => ({ ...each, Id: each.Id ?? randomUUID() }));
    for (const [index, one] of configurations.entries()) {
      const other = configurations.slice(0, index).find((before) => overlap(before, one));
      if (other === undefined) continue;
      throw new NotificationError(
        `Configurations overlap. Configurations on the same bucket cannot share a common event type: ${other.Id}, ${one.Id}.`,
      );
    }
    const known = new Set(this.of(bucket).QueueConfigurations.map(({ QueueArn }) => QueueArn));
    for (const QueueArn of new Set(configurations.map((each) => each.QueueArn))) {
      if (known.has(QueueArn) || this.#send(QueueArn, testEvent(bucket))) continue;
      throw new NotificationError(
        `Unable to validate the following destination configurations: ${QueueArn} does not exist.`,
      );
    }
    this.#buckets.set(bucket, { QueueConfigurations: configurations });
    this.#changed(bucket);
    return this.of(bucket);
  }

  /** Adds one configuration, or replaces the one with its id. @throws as `replace` */
  put(bucket: string, id: string, configuration: QueueConfiguration): NotificationConfiguration {
    const others = this.of(bucket).QueueConfigurations.filter((each) => each.Id !== id);
    return this.replace(bucket, { QueueConfigurations: [...others, { ...configuration, Id: id }] });
  }

  remove(bucket: string, id: string): NotificationConfiguration {
    const others = this.of(bucket).QueueConfigurations.filter((each) => each.Id !== id);
    return this.replace(bucket, { QueueConfigurations: others });
  }

  /** Announces an event of versitygw to the queues that want it. An event for a queue that is gone is lost, as on AWS. */
  async announce(posted: PostedRecord, sizeOf: SizeOf): Promise<void> {
    const bucket = posted.s3.bucket.name;
    const { key, eTag, size } = posted.s3.object;
    const wanted = this.of(bucket).QueueConfigurations.filter((each) =>
      isWanted(each, posted.eventName, key),
    );
    if (wanted.length === 0) return;
    const bytes = size > 0 ? size : ((await sizeOf(bucket, key, eTag ?? '')) ?? 0);
    for (const { Id = '', QueueArn } of wanted) {
      this.#send(QueueArn, JSON.stringify({ Records: [s3Record(posted, key, bytes, Id)] }));
    }
  }
}

function testEvent(bucket: string): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date().toISOString(),
    Bucket: bucket,
    RequestId: randomUUID(),
    HostId: randomUUID(),
  });
}
