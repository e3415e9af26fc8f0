import { z } from 'zod';
import { SqsError } from './sqs-error.ts';

const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

export const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'not a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `not from ${least} to ${most}`);

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});

const Redrive = z.strictObject({
  deadLetterTargetArn: z.string().regex(/^arn:aws:sqs:[\w-]+:\d+:[\w-]+$/, 'not the ARN of a queue'),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});

/** The attributes that a queue can be given, as text, with their limits. */
const Attributes = z.strictObject({
  DelaySeconds: whole(0, 900).optional(),
  MaximumMessageSize: whole(1024, 1_048_576).optional(),
  MessageRetentionPeriod: whole(60, 1_209_600).optional(),
  ReceiveMessageWaitTimeSeconds: whole(0, 20).optional(),
  VisibilityTimeout: whole(0, 43_200).optional(),
  /** Stored and returned. Nothing enforces it. */
  Policy: z.union([z.literal(''), json.transform((policy) => JSON.stringify(policy))]).optional(),
  RedrivePolicy: z.union([z.literal(''), json.pipe(Redrive)]).optional(),
});

type GivenAttributes = z.output<typeof Attributes>;

const DEFAULTS = {
  DelaySeconds: 0,
  MaximumMessageSize: 1_048_576,
  MessageRetentionPeriod: 345_600,
  ReceiveMessageWaitTimeSeconds: 0,
  VisibilityTimeout: 30,
  Policy: '',
  RedrivePolicy: '',
} as const satisfies GivenAttributes;

/** A queue's attributes, parsed, with SQS's names. */
export type QueueAttributes = {
  readonly [Name in keyof typeof DEFAULTS]: NonNullable<GivenAttributes[Name]>;
};

export const ATTRIBUTE_NAMES = Object.keys(DEFAULTS) as (keyof QueueAttributes)[];

/**
 * The attributes with those that a request gives.
 * @throws SqsError for one that is unknown, not supported here, or out of its limits
 */
export function withAttributes(
  given: Readonly<Record<string, string>>,
  before: QueueAttributes = DEFAULTS,
): QueueAttributes {
  for (const [name, value] of Object.entries(given)) {
    const isOff =
      (name === 'FifoQueue' && value === 'false') || (name === 'SqsManagedSseEnabled' && value === 'true');
    if (!isOff && !Object.hasOwn(DEFAULTS, name)) throw unsupported(name);
  }
  const known = Object.entries(given).filter(([name]) => Object.hasOwn(DEFAULTS, name));
  const parsed = Attributes.safeParse(Object.fromEntries(known));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const name = String(path[0]);
    throw new SqsError(
      'InvalidAttributeValue',
      `Invalid value for the parameter ${name}. Reason: ${path.length > 1 ? `${path.slice(1).join('.')}: ` : ''}${message}.`,
    );
  }
  return { ...before, ...parsed.data } as QueueAttributes;
}

/** An attribute as SQS returns it; undefined if it has no value. */
export function attributeText(attributes: QueueAttributes, name: keyof QueueAttributes): string | undefined {
  const value = attributes[name];
  return typeof value === 'object' ? JSON.stringify(value) : String(value) || undefined;
}

function unsupported(name: string): SqsError {
  return /^(?:Fifo|ContentBased|Deduplication)/.test(name)
    ? new SqsError('InvalidAttributeName', `The local SQS has standard queues only, so no ${name}.`)
    : new SqsError('InvalidAttributeName', `The local SQS has no attribute ${name}.`);
}
