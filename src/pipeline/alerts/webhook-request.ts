import { createHmac } from 'node:crypto';
import type { AlertEvent } from './alert-event.ts';
import type { AlertText } from './alert-template.ts';

/** A request of the generic webhook. */
interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The event as JSON with its title and text, in the form of Standard Webhooks
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): the header `webhook-id` is
 * the event's id on every attempt, so that a receiver can ignore repetitions.
 * @param sentAt seconds since 1970, for the signature
 * @param secret signs the request; `whsec_` and base64, or any text
 */
export function webhookRequest(
  event: AlertEvent,
  { title, text }: AlertText,
  { sentAt, secret, authorization }: { sentAt: number; secret?: string; authorization?: string },
): WebhookRequest {
  const body = JSON.stringify({
    type: `tributary.${event.kind}`,
    timestamp: event.at,
    data: { ...event, title, text },
  });
  const timestamp = String(Math.floor(sentAt));
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': timestamp,
      ...(secret === undefined
        ? {}
        : { 'webhook-signature': signature(secret, `${event.id}.${timestamp}.${body}`) }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    body,
  };
}

function signature(secret: string, signed: string): string {
  const key = secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
  return `v1,${createHmac('sha256', key).update(signed, 'utf8').digest('base64')}`;
}
