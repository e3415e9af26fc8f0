import { z } from 'zod';
import { ServiceError } from './service-error.ts';

/** A NextToken: where the next page begins, and in which list, so that a token of another list is refused. */
export function encodeToken(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws ValidationException for a token of another list. */
export function decodeToken<Schema extends z.ZodType>(token: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    throw new ServiceError('ValidationException', 'NextToken is not valid');
  }
}

/** One page of a list that is entirely in memory, in a stable order. */
export function pageOf<Item>(
  items: readonly Item[],
  list: string,
  maxResults: number,
  token: string | undefined,
): { page: Item[]; NextToken?: string } {
  const from =
    token === undefined
      ? 0
      : decodeToken(token, z.object({ list: z.literal(list), from: z.number().int().min(0) })).from;
  const page = items.slice(from, from + maxResults);
  const next = from + page.length;
  return { page, ...(next < items.length ? { NextToken: encodeToken({ list, from: next }) } : {}) };
}
