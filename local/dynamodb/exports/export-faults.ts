import { z } from 'zod';
import type { ExportObjects } from './export-files.ts';

const DAMAGES = ['truncate', 'omit', 'add', 'corrupt', 'no summary'] as const;

/** What happens to the next exports. */
export const ExportFaultSettings = z.strictObject({
  table: z.string(),
  /** They fail with this code and message. */
  fail: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  /** One of their data files is cut off, missing, not listed, or has another byte; or the summary is missing. */
  damage: z.enum(DAMAGES).optional(),
  /** How many exports. */
  times: z.number().int().positive().default(1),
});
type Settings = z.output<typeof ExportFaultSettings>;
export type ExportFault = Omit<Settings, 'times'>;

/** Faults of exports that were asked for by the control API. */
export class ExportFaults {
  readonly #waiting: ExportFault[] = [];

  add({ times, ...fault }: Settings): void {
    for (let n = 0; n < times; n++) this.#waiting.push(fault);
  }

  /** That of the next export of a table. */
  take(table: string): ExportFault | undefined {
    const at = this.#waiting.findIndex((fault) => fault.table === table);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  clear(): void {
    this.#waiting.length = 0;
  }
}

/** The objects as they are after the damage. */
export function damaged(objects: ExportObjects, damage: (typeof DAMAGES)[number] | undefined): ExportObjects {
  if (damage === undefined) return objects;
  const changed = new Map(objects);
  const [key, body] = [...objects].find(([each]) => each.endsWith('.json.gz'))!;
  switch (damage) {
    case 'truncate':
      changed.set(key, body.subarray(0, -9));
      break;
    case 'omit':
      changed.delete(key);
      break;
    case 'add':
      changed.set(key.replace(/[^/]+$/, 'unlisted.json.gz'), body);
      break;
    case 'corrupt':
      changed.set(key, Buffer.from(body.map((byte, at) => (at === body.length - 9 ? byte ^ 255 : byte))));
      break;
    case 'no summary':
      for (const each of objects.keys()) if (each.endsWith('manifest-summary.json')) changed.delete(each);
  }
  return changed;
}
