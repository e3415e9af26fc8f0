import { cut } from '../text/sentences.ts';
import type { AlertEvent } from './alert-event.ts';
import type { AlertText } from './alert-template.ts';

/** A section's text has at most 3,000 characters: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const SECTION_CHARACTERS = 2_900;

/**
 * The body for an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). The id of
 * the event is in the message and names its last block: Slack itself does not recognise repetitions.
 */
export function slackMessage(event: Pick<AlertEvent, 'id'>, { title, text }: AlertText): string {
  const section = (block: string) => ({ type: 'section', text: { type: 'mrkdwn', text: block } });
  return JSON.stringify({
    // Notifications show this, and screen readers read it.
    text: escaped(title),
    blocks: [
      section(`*${fitting(title)}*`),
      ...(text === '' ? [] : [section(fitting(text))]),
      {
        type: 'context',
        block_id: event.id,
        elements: [{ type: 'plain_text', text: `Tributary alert ${event.id}` }],
      },
    ],
    unfurl_links: false,
  });
}

/** Escaped, and cut so that no half of an escape is left. */
const fitting = (text: string): string => cut(escaped(text), SECTION_CHARACTERS).replace(/&[a-z]*…$/, '…');

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
