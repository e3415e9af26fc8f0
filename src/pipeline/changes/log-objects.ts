/** Objects below the directory of a log's shards, told apart by their keys: see change-directory.ts. */

export type LogObject =
  | { readonly kind: 'checkpoint' | 'records'; readonly shard: string; readonly number: number }
  | { readonly kind: 'other' };

/** @param name the key, without the directory of the shards */
export function logObjectOf(name: string): LogObject {
  const found = /^([^/]+)\/(?:checkpoint-(\d{8})\.json|records\/(\d{8})-[^/]+)$/.exec(name);
  if (found === null) return { kind: 'other' };
  const [, shard = '', checkpoint, records] = found;
  return checkpoint === undefined
    ? { kind: 'records', shard, number: Number(records) }
    : { kind: 'checkpoint', shard, number: Number(checkpoint) };
}
