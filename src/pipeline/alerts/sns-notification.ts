import { cut } from '../text/sentences.ts';
import type { AlertEvent } from './alert-event.ts';
import type { AlertText } from './alert-template.ts';

/** A subject is ASCII, begins with a letter, number or punctuation, and has at most 100 characters. */
const SUBJECT_CHARACTERS = 100;
/** A message has at most 256 KB. */
const MESSAGE_CHARACTERS = 60_000;

/**
 * The event for an SNS topic, with its id as the attribute `id` and, for a FIFO topic, as the deduplication id.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function snsNotification(event: AlertEvent, { title, text }: AlertText, topicArn: string) {
  const ascii = title.replace(/[^\x20-\x7e]/g, '?').trim();
  return {
    subject: ascii.slice(0, SUBJECT_CHARACTERS) || 'Tributary',
    message: cut(`${title}\n\n${text}\n\nTributary alert ${event.id}`, MESSAGE_CHARACTERS),
    attributes: { id: event.id, kind: event.kind, pipeline: event.pipeline },
    ...(topicArn.endsWith('.fifo') ? { fifo: { group: event.pipeline, deduplicationId: event.id } } : {}),
  };
}
