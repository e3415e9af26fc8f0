import { z } from 'zod';
import { PipelineName } from '../definition/pipeline-definition.ts';
import { VariableName } from '../definition/variable-name.ts';
import { ALERT_KINDS, type AlertEvent, type AlertKind, isGoodNews } from './alert-event.ts';
import { unknownPlaceholder } from './alert-template.ts';

/** The block `alerts` of `tributary.yaml`. It holds no secret: it names the worker's environment variables that do. */

const DestinationName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    'lower-case letters, digits, _ and -, at most 40, beginning with a letter',
  );

const events = z
  .array(z.enum(ALERT_KINDS))
  .min(1)
  .optional()
  .describe(
    `The kinds of events that it gets: ${ALERT_KINDS.join(', ')}. Default: all but started and succeeded.`,
  );

const Webhook = z
  .strictObject({
    urlFrom: VariableName.describe('The environment variable of the workers that holds the URL.'),
    secretFrom: VariableName.optional().describe(
      'The environment variable that holds the key with which requests are signed, as Standard Webhooks define it. Default: unsigned.',
    ),
    authorizationFrom: VariableName.optional().describe(
      'The environment variable that holds the whole Authorization header, e.g. `Bearer …`. Default: no such header.',
    ),
    events,
  })
  .describe('An HTTP endpoint that gets each event as JSON.');

const Slack = z
  .strictObject({
    urlFrom: VariableName.describe(
      'The environment variable of the workers that holds the URL of the incoming webhook.',
    ),
    events,
  })
  .describe('A Slack channel, by an incoming webhook.');

const Sns = z
  .strictObject({
    topicArn: z
      .string()
      .regex(
        /^arn:aws(?:-[a-z]+)*:sns:[a-z]{2,}(?:-[a-z]+)+-\d{1,2}:\d{12}:[\w-]{1,256}(?:\.fifo)?$/,
        'the ARN of an SNS topic, e.g. arn:aws:sns:eu-central-1:123456789012:alerts',
      )
      .describe('The ARN of the topic.'),
    events,
  })
  .describe('An SNS topic.');

const address = z
  .string()
  .regex(/^[^\s@<>,"]+@[^\s@<>,"]+$/, 'an email address such as oncall@example.com, without a name');

const Email = z
  .strictObject({
    host: z.string().min(1).describe('The SMTP server.'),
    port: z.number().int().min(1).max(65_535).default(587).describe('Its port.'),
    tls: z
      .enum(['starttls', 'implicit', 'none'])
      .default('starttls')
      .describe(
        '`starttls` refuses a server without it; `implicit` is TLS from the first byte, usually on port 465; `none` is for a relay on the same host.',
      ),
    user: z.string().min(1).optional().describe('The user to log in as. Default: no login.'),
    passwordFrom: VariableName.optional().describe(
      'The environment variable of the workers that holds the password. Set it together with user.',
    ),
    from: address.describe('The address that alerts come from.'),
    to: z.array(address).min(1).max(50).describe('The addresses that get them.'),
    events,
  })
  .refine(({ user, passwordFrom }) => (user === undefined) === (passwordFrom === undefined), {
    message: 'user and passwordFrom together, or neither',
    path: ['user'],
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .describe('Email addresses, by an SMTP server.');

const template = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const message = unknownPlaceholder(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .optional();

const Template = z.strictObject({
  title: template.describe('The title, on one line. Default: see docs/alerts.md.'),
  text: template.describe('The text. Lines whose placeholders are all empty are left out.'),
});

const templates = Object.fromEntries(
  ALERT_KINDS.map((kind) => [
    kind,
    Template.optional().describe(`The title and text of the event ${kind}, instead of the default.`),
  ]),
) as Record<AlertKind, z.ZodOptional<typeof Template>>;

export const AlertsDefinition = z.strictObject({
  webhooks: z.record(DestinationName, Webhook).default({}).describe('HTTP endpoints by name.'),
  slack: z.record(DestinationName, Slack).default({}).describe('Slack channels by name.'),
  sns: z.record(DestinationName, Sns).default({}).describe('SNS topics by name.'),
  email: z.record(DestinationName, Email).default({}).describe('Email recipients by name.'),
  muted: z
    .array(PipelineName)
    .default([])
    .describe(
      'The pipelines and loaders without alerts. "tributary alerts mute" does the same for a time, without a change of this file.',
    ),
  webUi: z
    .url({ protocol: /^https?$/, message: 'the URL of the Web UI, e.g. https://temporal.example.com' })
    .optional()
    .describe("The URL of Temporal's Web UI, for links in alerts. Default: no links."),
  templates: z.strictObject(templates).prefault({}).describe('Titles and texts in your own words.'),
});
export type AlertsDefinition = z.infer<typeof AlertsDefinition>;

/** One destination: the kind of its channel, its settings, and the name by which histories refer to it, e.g. `slack.team`. */
export type Destination = { readonly name: string } & (
  | ({ readonly channel: 'webhook' } & z.infer<typeof Webhook>)
  | ({ readonly channel: 'slack' } & z.infer<typeof Slack>)
  | ({ readonly channel: 'sns' } & z.infer<typeof Sns>)
  | ({ readonly channel: 'email' } & z.infer<typeof Email>)
);

/** Every destination, in the order of the file. */
export const destinationsOf = ({ webhooks, slack, sns, email }: AlertsDefinition): readonly Destination[] => [
  ...Object.entries(webhooks).map(
    ([name, each]) => ({ channel: 'webhook', name: `webhooks.${name}`, ...each }) as const,
  ),
  ...Object.entries(slack).map(
    ([name, each]) => ({ channel: 'slack', name: `slack.${name}`, ...each }) as const,
  ),
  ...Object.entries(sns).map(([name, each]) => ({ channel: 'sns', name: `sns.${name}`, ...each }) as const),
  ...Object.entries(email).map(
    ([name, each]) => ({ channel: 'email', name: `email.${name}`, ...each }) as const,
  ),
];

/** Whether a destination gets an event. One that ended its run also counts as `failed`, one that makes it wait as `waiting`. */
export const wants = (
  { events: wanted }: Pick<Destination, 'events'>,
  { kind, endedRun, waits }: Pick<AlertEvent, 'kind' | 'endedRun' | 'waits'>,
): boolean =>
  (wanted === undefined && !isGoodNews(kind)) ||
  kind === 'test' ||
  wanted?.includes(kind) === true ||
  (endedRun === true && wanted?.includes('failed') === true) ||
  (waits === true && wanted?.includes('waiting') === true);
