import { z } from 'zod';
import type { AttributeValue, Item } from '../item/attribute.ts';
import { fingerprint } from '../item/fingerprint.ts';
import { attributePath, memberPath, type Path, ROOT } from '../item/path.ts';

/** A few example values per path, to show operators what the data looks like. */

const MAX_EXAMPLES = 3;
const MAX_CHARACTERS = 80;

export const Examples = z.record(z.string(), z.array(z.string()));
export type Examples = z.infer<typeof Examples>;

/** Collects the first few distinct values of every path, without binary. */
export class ExampleCollector {
  readonly #found = new Map<Path, Set<string>>();

  constructor(before: Examples = {}) {
    for (const [path, texts] of Object.entries(before)) this.#found.set(path, new Set(texts));
  }

  look(item: Item): void {
    for (const [name, value] of Object.entries(item)) this.#value(attributePath(ROOT, name), value);
  }

  examples(): Examples {
    return Object.fromEntries([...this.#found].map(([path, texts]) => [path, [...texts]]));
  }

  #value(path: Path, value: AttributeValue): void {
    const [[kind, content] = ['NULL', true]] = Object.entries(value) as [string, unknown][];
    if (kind === 'S' || kind === 'N') this.#note(path, content as string);
    else if (kind === 'BOOL') this.#note(path, String(content));
    else if (kind === 'M') {
      for (const [name, inner] of Object.entries(content as Item))
        this.#value(attributePath(path, name), inner);
    } else if (kind === 'L') {
      for (const member of content as AttributeValue[]) this.#value(memberPath(path), member);
    } else if (kind === 'SS' || kind === 'NS') {
      for (const member of content as string[]) this.#note(memberPath(path), member);
    }
  }

  #note(path: Path, text: string): void {
    const texts = this.#found.get(path);
    if (texts === undefined) this.#found.set(path, new Set([short(text)]));
    else if (texts.size < MAX_EXAMPLES) texts.add(short(text));
  }
}

/**
 * A few examples from both, chosen by their hash. The merge is associative and commutative, so the same parts of
 * the data give the same examples in any order.
 */
export function mergeExamples(a: Examples, b: Examples): Examples {
  const paths = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(
    paths.map((path) => {
      const texts = new Set([...own(a, path), ...own(b, path)]);
      const hashed = [...texts].map((text) => [fingerprint(text, 16), text] as const);
      const chosen = hashed.sort(([x], [y]) => (x < y ? -1 : 1)).slice(0, MAX_EXAMPLES);
      return [path, chosen.map(([, text]) => text)];
    }),
  );
}

const own = (examples: Examples, path: Path) => (Object.hasOwn(examples, path) ? (examples[path] ?? []) : []);

function short(text: string): string {
  const characters = Array.from(text.slice(0, MAX_CHARACTERS * 2));
  return characters.length > MAX_CHARACTERS ? `${characters.slice(0, MAX_CHARACTERS).join('')}…` : text;
}
