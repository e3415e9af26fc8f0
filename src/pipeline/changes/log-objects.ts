/** Objects below the directory of a log's shards, told apart by their keys: see change-directory.ts. */

export type LogObject =
  | { readonly kind: 'checkpoint'; readonly shard: string; readonly number: number }
  | { readonly kind: 'records'; readonly shard: string; readonly number: number }
  | { readonly kind: 'shard'; readonly shard: string }
  | { readonly kind: 'other'; readonly shard: string };

/** @param name the key, without the directory of the shards */
export function logObjectOf(name: string): LogObject {
  const slash = name.indexOf('/');
  const shard = name.slice(0, Math.max(0, slash));
  const file = name.slice(slash + 1);
  const found = /^(?:checkpoint-(\d{8})\.json|records\/(\d{8})-[^/]+)$/.exec(file);
  if (shard === '' || found === null) return { kind: file === 'shard.json' ? 'shard' : 'other', shard };
  const [, checkpoint, records] = found;
  return checkpoint === undefined
    ? { kind: 'records', shard, number: Number(records) }
    : { kind: 'checkpoint', shard, number: Number(checkpoint) };
}
