import type { AlertEvent } from './alert-event.ts';
import type { AlertText } from './alert-template.ts';

/**
 * The event as an email. Every attempt has the same Message-ID, by which mail systems recognise repetitions, and the
 * header Tributary-Alert-Id, for filters and programs.
 */
export function alertMail(
  event: AlertEvent,
  { title, text }: AlertText,
  { from, to }: { readonly from: string; readonly to: readonly string[] },
) {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    from,
    to,
    subject: title,
    text: `${text}\n\n-- \nTributary alert ${event.id}\n`,
    messageId: `${event.id}@${domain}`,
    headers: {
      'Tributary-Alert-Id': event.id,
      'Tributary-Alert-Kind': event.kind,
      'Tributary-Pipeline': event.pipeline,
      // No vacation replies: RFC 3834.
      'Auto-Submitted': 'auto-generated',
    },
  };
}
