import { expect } from '@jest/globals';
import type { AlertEvent } from '../../../src/pipeline/alerts/alert-event.ts';
import { AlertsDefinition } from '../../../src/pipeline/alerts/alerts-definition.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import { SmtpReceiver } from '../../unit/clients/smtp/smtp-receiver.ts';
import { AlertReceiver } from './alert-receiver.ts';
import type { Harness } from './harness.ts';
import { until } from './until.ts';

export type Sent = AlertEvent & { readonly title: string; readonly text: string };

export const HOOK = '/hook/secret-path';

/** Real servers that alerts arrive at: HTTP and SMTP. Both close with the harness. */
export class Receivers {
  readonly http = new AlertReceiver();
  readonly smtp = new SmtpReceiver();

  async open(harness: Harness): Promise<void> {
    await Promise.all([this.http.open(), this.smtp.open()]);
    harness.onClose(() => Promise.all([this.http.close(), this.smtp.close()]));
  }

  /** The block `alerts` of a configuration that sends to both. */
  get block() {
    return {
      webhooks: { ops: { urlFrom: 'OPS_URL' } },
      email: {
        oncall: {
          ...{ host: '127.0.0.1', port: this.smtp.port, tls: 'none' },
          ...{ from: 'tributary@example.com', to: ['oncall@example.com'] },
        },
      },
      webUi: 'https://temporal.example.com/',
    };
  }

  get secrets() {
    return { OPS_URL: this.http.url(HOOK) };
  }

  /** The dependencies of a worker that sends to both. @param webhook other settings of the webhook */
  in(dependencies: WorkerDependencies, webhook: object = {}): WorkerDependencies {
    const { webhooks, ...others } = this.block;
    const definition = AlertsDefinition.parse({
      ...others,
      webhooks: { ops: { ...webhooks.ops, ...webhook } },
    });
    const secrets: Readonly<Record<string, string>> = this.secrets;
    return {
      ...dependencies,
      alerts: {
        ...dependencies.alerts,
        definition: async () => definition,
        secret: (variable) => secrets[variable],
      },
    };
  }

  /** What the webhook accepted about a pipeline, in order. */
  accepted(pipeline: string): Sent[] {
    return this.http.received
      .filter(({ path, status }) => path === HOOK && status === 204)
      .map(({ body }) => (JSON.parse(body) as { data: Sent }).data)
      .filter((alert) => alert.pipeline === pipeline);
  }
}

/** Waits until the webhook has accepted these kinds of events about a pipeline, in this order. */
export async function expectKinds(
  receivers: Receivers,
  pipeline: string,
  ...kinds: AlertEvent['kind'][]
): Promise<Sent[]> {
  const accepted = await until(
    async () => receivers.accepted(pipeline),
    (all) => all.length >= kinds.length,
  );
  expect(accepted.map(({ kind }) => kind)).toEqual(kinds);
  return accepted;
}
