import { z } from 'zod';
import { LoaderName } from '../loader/loader-definition.ts';

/** What a bulk load asked for: `loads/<name>.json` in its loader's directory, written once. */

/** Part of keys and workflow ids. */
export const LoadName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_:-]{0,119}$/, 'letters, digits, _, : and -, at most 120');

/** The longest condition of `replace`. */
const MOST_CONDITION = 2000;

export const BulkLoad = z.object({
  version: z.literal(1),
  name: LoadName,
  loader: LoaderName,
  /** `s3://…`, without placeholders. */
  from: z.string(),
  replace: z.string().max(MOST_CONDITION).optional(),
  any: z.boolean(),
  /** ISO 8601: its files count as announced then. */
  startedAt: z.string(),
  /** The newest batch at that time: batches of this load are later ones. */
  newest: z.number().int().nonnegative(),
});
export type BulkLoad = z.infer<typeof BulkLoad>;

/** Whether both ask for the same, so that the second continues the first. */
export const sameRequest = (a: BulkLoad, b: BulkLoad): boolean =>
  a.loader === b.loader && a.from === b.from && a.replace === b.replace && a.any === b.any;

/** A name for a load whose operator gave none. @param workflowId of the load: `loader/…/load-<name>`, or any other */
export function loadNameFor(workflowId: string, loaderWorkflowId: string): string {
  const prefix = `${loaderWorkflowId}/load-`;
  const last = workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : workflowId;
  const clean = last.replace(/[^A-Za-z0-9_:-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return clean.slice(-120).replace(/^[^A-Za-z0-9]+/, '') || 'load';
}
