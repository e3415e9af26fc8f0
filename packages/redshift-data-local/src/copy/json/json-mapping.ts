import type { TargetColumn } from '../target-column.ts';
import { FieldError } from '../values/field-error.ts';
import { JsonNode, membersOf } from './json-node.ts';
import { elementAt, type JsonPath } from './json-path.ts';

/** How the values of one root-level structure find their columns. */
export interface JsonColumns {
  /** Begins with the next structure, well-formed JSON. @throws FieldError if it does not have the right shape */
  begin(structure: string): void;
  /** The value of a column, or nothing if the structure has none. @throws FieldError */
  value(index: number): JsonNode | undefined;
}

/** AWS, 'auto': by key. With 'auto ignorecase', the case of the letters A to Z in a key does not matter. */
export class ColumnsByKey implements JsonColumns {
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #ignoreCase: boolean;
  #values: (JsonNode | undefined)[] = [];

  constructor(columns: TargetColumn[], ignoreCase: boolean) {
    this.#indexes = new Map(
      columns.map(({ name }, index) => [Buffer.from(name, 'utf8').toString('latin1'), index]),
    );
    this.#ignoreCase = ignoreCase;
  }

  begin(structure: string): void {
    // AWS: "If your data files use arrays, you must specify a JSONPaths file".
    if (structure[0] !== '{') throw new FieldError(1216, 'Invalid JSONPath format: Member is not an object.');
    this.#values = [];
    for (const [key, value] of membersOf(structure)) {
      const folded = this.#ignoreCase ? key.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : key;
      const index = this.#indexes.get(folded);
      if (index !== undefined) this.#values[index] = value;
    }
  }

  value(index: number): JsonNode | undefined {
    return this.#values[index];
  }
}

/** One path per column. */
export class ColumnsByPath implements JsonColumns {
  readonly #paths: readonly JsonPath[];
  #root = new JsonNode('null');

  constructor(paths: readonly JsonPath[]) {
    this.#paths = paths;
  }

  begin(structure: string): void {
    this.#root = new JsonNode(structure);
  }

  value(index: number): JsonNode | undefined {
    return elementAt(this.#root, this.#paths[index]!);
  }
}

/** AWS, 'noshred': the whole structure is the value of the only column. */
export class WholeStructure implements JsonColumns {
  #root = new JsonNode('null');

  begin(structure: string): void {
    this.#root = new JsonNode(structure);
  }

  value(): JsonNode {
    return this.#root;
  }
}
