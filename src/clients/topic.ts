import type { CallOptions } from './object-store.ts';

/** Exactly what Tributary needs of SNS. */
export interface Topic {
  /** @throws Terminal or Transient, with the topic's ARN */
  publish(notification: Notification, options?: CallOptions): Promise<void>;
}

interface Notification {
  /** At most 100 printable ASCII characters. */
  readonly subject: string;
  readonly message: string;
  /** Subscriptions can filter by them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** For FIFO topics only: messages of one group stay in order, and one id is delivered once in five minutes. */
  readonly fifo?: { readonly group: string; readonly deduplicationId: string };
}
