import { tokenize } from '../sql/tokens/tokenizer.ts';
import type { RelationName } from '../sql/translation.ts';

/** The new name of a schema, or of a table in one. */
interface Renamed {
  schema: string;
  table?: string;
}

/**
 * The gap around a rename in which Redshift's readers may not find the new name, because their snapshot has another
 * catalogue.
 */
export class RenameGap {
  #gaps: { renamed: Renamed[]; reads: number }[] = [];

  /** Opens the gap for what these statements rename. */
  open(sqls: readonly string[], reads: number): void {
    const renamed = sqls.flatMap(renamedTo);
    if (renamed.length > 0) this.#gaps.push({ renamed, reads });
  }

  /** The relation that a statement reads but cannot find at the moment, if any. */
  missing(read: readonly RelationName[]): RelationName | undefined {
    for (const gap of this.#gaps) {
      const relation = read.find(({ schema = 'public', name }) =>
        gap.renamed.some((one) => one.schema === schema && (one.table ?? name) === name),
      );
      if (relation === undefined) continue;
      gap.reads--;
      this.#gaps = this.#gaps.filter(({ reads }) => reads > 0);
      return relation;
    }
    return undefined;
  }

  close(): void {
    this.#gaps = [];
  }
}

/** The name that `ALTER SCHEMA a RENAME TO b` or `ALTER TABLE s.a RENAME TO b` gives. */
export function renamedTo(sql: string): Renamed[] {
  const tokens = tokenize(sql);
  const words = tokens.map((token) =>
    token.kind === 'word' || token.kind === 'operator' ? token.value : '',
  );
  const [alter, what] = words;
  const at = words.findIndex((word, index) => word === 'rename' && words[index + 1] === 'to');
  if (alter !== 'alter' || at < 0 || tokens[at + 2] === undefined) return [];
  const name = tokens[at + 2]!.value;
  if (what === 'schema') return [{ schema: name }];
  if (what !== 'table') return [];
  const qualified = tokens[3]?.kind === 'operator' && tokens[3].value === '.';
  return [{ schema: qualified ? tokens[2]!.value : 'public', table: name }];
}
