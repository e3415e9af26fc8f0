import { z } from 'zod';

/** What a column holds of the value at its path: the value, the bytes VARCHAR cannot hold, or a list's length. */
export const Form = z.enum(['scalar', 'bytes', 'count']);
export type Form = z.infer<typeof Form>;

export const Column = z.object({ path: z.string(), form: Form });
export type Column = z.infer<typeof Column>;

/**
 * The columns of one table's part files, after the copied key and the positions: sorted by path and form, so
 * that the same attributes make the same layout whatever the order in which they were met.
 */
export const Layout = z.object({ table: z.string(), columns: z.array(Column).readonly() });
export type Layout = z.infer<typeof Layout>;
