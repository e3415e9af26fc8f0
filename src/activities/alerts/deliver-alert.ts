import { log } from '@temporalio/activity';
import type { AlertEvent } from '../../pipeline/alerts/alert-event.ts';
import { alertMail } from '../../pipeline/alerts/alert-mail.ts';
import { alertText } from '../../pipeline/alerts/alert-template.ts';
import { type Destination, destinationsOf } from '../../pipeline/alerts/alerts-definition.ts';
import { slackMessage } from '../../pipeline/alerts/slack-message.ts';
import { snsNotification } from '../../pipeline/alerts/sns-notification.ts';
import { webhookRequest } from '../../pipeline/alerts/webhook-request.ts';
import { retryingDelivery, secretIn } from '../runtime/delivery.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

/**
 * Delivers an event to one destination of today's configuration, with the event's id. If the worker dies after the
 * destination has accepted it, the next attempt delivers it again, with the same id.
 * @throws Transient `DeliveryFailed`, with the destination and what it answered
 */
export async function deliverAlert(
  deps: Pick<Dependencies, 'alerts' | 'nowMs'>,
  { event, destination }: { readonly event: AlertEvent; readonly destination: string },
): Promise<void> {
  await whileHeartbeating(
    () => `delivering to ${destination}`,
    (signal) =>
      retryingDelivery(async () => {
        const { alerts } = deps;
        const definition = await alerts.definition();
        const to = destinationsOf(definition).find(({ name }) => name === destination);
        if (to === undefined) {
          log.info(`alert ${event.id} is not delivered: the configuration has no ${destination} any more`);
          return;
        }
        await send(deps, to, event, alertText(event, definition), signal);
      }),
    // However often the worker dies, the alert is tried again.
    { checksLosses: true },
  );
}

async function send(
  { alerts, nowMs }: Pick<Dependencies, 'alerts' | 'nowMs'>,
  to: Destination,
  event: AlertEvent,
  text: ReturnType<typeof alertText>,
  signal: AbortSignal,
): Promise<void> {
  const secret = (variable: string) => secretIn(alerts, variable, `alerts.${to.name}`);
  switch (to.channel) {
    case 'webhook': {
      const request = webhookRequest(event, text, {
        sentAt: nowMs() / 1000,
        ...(to.secretFrom && { secret: secret(to.secretFrom) }),
        ...(to.authorizationFrom && { authorization: secret(to.authorizationFrom) }),
      });
      return alerts.http.post({ url: secret(to.urlFrom), ...request }, { signal });
    }
    case 'slack': {
      const headers = { 'content-type': 'application/json' };
      return alerts.http.post(
        { url: secret(to.urlFrom), headers, body: slackMessage(event, text) },
        { signal },
      );
    }
    case 'sns':
      return alerts.topic(to.topicArn).publish(snsNotification(event, text, to.topicArn), { signal });
    case 'email': {
      const { host, port, tls, user, passwordFrom } = to;
      const login =
        user === undefined || passwordFrom === undefined
          ? {}
          : { login: { user, password: secret(passwordFrom) } };
      const refused = await alerts.mailer.send({ host, port, tls, ...login }, alertMail(event, text, to), {
        signal,
      });
      if (refused.length > 0) log.warn(`${host} refused recipients of ${to.name}`, { refused });
    }
  }
}
