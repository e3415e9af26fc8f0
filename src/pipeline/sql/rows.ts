import { z } from 'zod';

/** A row of a query's result, by column name. Counts above 2^53 are text. */
export type ResultRow = Readonly<Record<string, string | number | boolean | null>>;

/** A count in a result: a number, its text, or NULL for a sum over no rows. */
export const Count = z
  .union([z.number(), z.string().regex(/^\d+$/), z.null()])
  .transform((value) => Number(value ?? 0))
  .pipe(z.number().int().nonnegative());
