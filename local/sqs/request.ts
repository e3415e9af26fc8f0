import { z } from 'zod';
import { SqsError } from './sqs-error.ts';

/** What every operation can use of the request that called it. */
interface Call {
  /** `http://host:port`, as the client called the server: the start of queue URLs. */
  readonly origin: string;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** Operations by name. Each takes the request's JSON and returns the answer's. @throws SqsError */
export type Operations = Readonly<Record<string, (input: unknown, call: Call) => object | Promise<object>>>;

/**
 * A request's parameters.
 * @throws SqsError for one that is missing or invalid, and for one that this server does not know
 */
export function parametersOf<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    throw new SqsError(
      'UnsupportedOperation',
      `The local SQS has no parameter ${[...(name === '' ? [] : [name]), ...issue.keys].join('.')}.`,
    );
  if (valueAt(input, issue.path) === undefined)
    throw new SqsError('MissingParameter', `The request must contain the parameter ${name}.`);
  throw new SqsError('InvalidParameterValue', `The parameter ${name} is invalid. Reason: ${issue.message}.`);
}

/** The name in a queue's URL, whatever its host: clients may call this server through a proxy. */
export const QueueUrl = z.string().transform((url) => {
  const name = /^(?:https?:\/\/[^/]+)?\/\d{12}\/([\w-]+)$/.exec(url)?.[1];
  if (name === undefined) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return name;
});

/** A whole number within SQS's limits. */
export const whole = (least: number, most: number) => z.number().int().min(least).max(most);

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}
