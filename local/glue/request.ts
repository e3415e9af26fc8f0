import { z } from 'zod';
import { GlueError } from './glue-error.ts';

/** Operations by name. Each takes the request's JSON and returns the answer's. @throws GlueError */
export type Operations = Readonly<Record<string, (input: unknown) => object>>;

/**
 * A request's parameters.
 * @throws GlueError for one that is missing or outside of Glue's limits, and for one that this server does not know
 */
export function parametersOf<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    throw new GlueError(
      'InvalidInputException',
      `The local Glue has no parameter ${[...(path === '' ? [] : [path]), ...issue.keys].join('.')}.`,
    );
  throw new GlueError(
    'ValidationException',
    `1 validation error detected: Value at '${path}' failed to satisfy constraint: ${issue.message}`,
  );
}

/** Glue's pattern of texts in one line. */
const SINGLE_LINE = /^[\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}\t]*$/u;

export const singleLine = (least: number, most: number) =>
  z
    .string()
    .min(least, `Member must have length greater than or equal to ${least}`)
    .max(most, `Member must have length less than or equal to ${most}`)
    .regex(SINGLE_LINE, 'Member must be text of a single line');

/** Glue folds names to lower case. Who relies on that cannot be read by every engine, so this server refuses others. */
export const Name = singleLine(1, 255).refine(
  (name) => name === name.toLowerCase(),
  'Member must be in lower case',
);

export const most = (count: number) => `Member must have length less than or equal to ${count}`;

export const CatalogId = singleLine(1, 255).optional();
/** Every page has at most this many: `MaxResults` can only lower it. */
export const MaxResults = (count: number) => z.number().int().min(1).max(count).default(count);

/** One page of a list, and the token of the next one. */
export function page<T>(
  all: readonly T[],
  size: number,
  token: string | undefined,
): [T[], string | undefined] {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0)
    throw new GlueError('InvalidInputException', 'The NextToken is not one of this server.');
  const end = start + size;
  return [all.slice(start, end), end < all.length ? String(end) : undefined];
}
