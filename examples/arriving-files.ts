import { readdirSync, readFileSync } from 'node:fs';
import type { ObjectStore } from '../src/clients/object-store.ts';

const FILES = new URL('arriving-files/files/', import.meta.url);

/** Drops the files of the example below `orders/`, the late one last. @returns their number */
export async function dropFiles(store: ObjectStore, prefix = 'orders/'): Promise<number> {
  const names = readdirSync(FILES).sort((a, b) => Number(a.includes('late')) - Number(b.includes('late')));
  for (const name of names) await store.put(`${prefix}${name}`, readFileSync(new URL(name, FILES)));
  return names.length;
}
