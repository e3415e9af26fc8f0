import { parseExactly } from '../item/exact-json.ts';
import { compareBytes } from '../sql/identifier.ts';
import type { FoundColumn } from './copy-groups.ts';

/** New columns of text: no value is longer, so none is refused later. */
export const TEXT_TYPE = 'varchar(65535)';
const NESTED_TYPE = 'super';

/** Collects the keys of a file's objects, with the type that a column for them needs. */
export class JsonKeys {
  readonly #types = new Map<string, string>();

  /** @param text one object. What is not JSON is passed over: COPY reports it. */
  take(text: string): void {
    let value: unknown;
    try {
      value = parseExactly(text);
    } catch {
      return;
    }
    for (const [key, member] of Object.entries(value as Record<string, unknown>)) {
      const isNested = typeof member === 'object' && member !== null;
      if (isNested) this.#types.set(key, NESTED_TYPE);
      else if (!this.#types.has(key)) this.#types.set(key, TEXT_TYPE);
    }
  }

  /** In byte order. */
  columns(): FoundColumn[] {
    return [...this.#types]
      .map(([name, type]) => ({ name, type }))
      .sort((a, b) => compareBytes(a.name, b.name));
  }
}
