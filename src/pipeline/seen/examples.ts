import { z } from 'zod';
import type { AttributeValue, Item } from '../item/attribute.ts';
import { fingerprint } from '../item/fingerprint.ts';
import { attributePath, memberPath, type Path, ROOT } from '../item/path.ts';

/** A few example values per path, to show operators what the data looks like. */

const MAX_EXAMPLES = 3;
const MAX_CHARACTERS = 80;
/** Beyond these, no more paths get examples: a map may be used as a dictionary. */
const MAX_PATHS = 10_000;
const MAX_PATHS_CHARACTERS = 8_000_000;

export const Examples = z.record(z.string(), z.array(z.string()));
export type Examples = z.infer<typeof Examples>;

/** Collects the first few distinct values of every path, without binary. */
export class ExampleCollector {
  readonly #found = new Map<Path, Set<string>>();
  #characters = 0;

  constructor(before: Examples = {}) {
    for (const [path, texts] of Object.entries(before)) this.#add(path, texts);
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
    if (texts !== undefined) {
      if (texts.size < MAX_EXAMPLES) texts.add(short(text));
    } else if (this.#found.size < MAX_PATHS && this.#characters + path.length <= MAX_PATHS_CHARACTERS) {
      this.#add(path, [short(text)]);
    }
  }

  #add(path: Path, texts: readonly string[]): void {
    this.#characters += path.length;
    this.#found.set(path, new Set(texts));
  }
}

/**
 * A few examples from both, chosen by their hash. The merge is associative and commutative, so the same parts of
 * the data give the same examples in any order. Only so many paths have examples, the first in their order.
 */
export function mergeExamples(a: Examples, b: Examples): Examples {
  let characters = 0;
  const paths = [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .slice(0, MAX_PATHS)
    .filter((path) => {
      characters += path.length;
      return characters <= MAX_PATHS_CHARACTERS;
    });
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
