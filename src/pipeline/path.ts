/**
 * Where a value stands in an item, as text: attribute names joined by `.`, `[]` after a list or set for its
 * members, e.g. `prizes[].affiliations[].name`. In a name, `.`, `[` and `\` are written with a backslash before
 * them, an empty name is `\e`, so that every path has one text and every text one path; `__proto__` is
 * `\__proto__`, so that a path can be a key of a plain object. The item itself is the empty text. The name `__proto__` is `\__proto__`: paths are the keys of JSON objects, and no object can
 * safely hold that key.
 */
export type Path = string;

export const ROOT: Path = '';

/** The path of attribute `name` of the item or map at `parent`. */
export function attributePath(parent: Path, name: string): Path {
  const step = escapeName(name);
  return parent === ROOT ? step : `${parent}.${step}`;
}

/** The path of the members of the list or set at `path`; it is also the path of the child table they make. */
export function memberPath(path: Path): Path {
  return `${path}[]`;
}

export type Step = { readonly name: string } | 'member';

/** The steps of a path, names unescaped. */
export function stepsOf(path: Path): Step[] {
  const steps: Step[] = [];
  let name: string | undefined;
  const close = () => {
    if (name !== undefined) steps.push({ name });
    name = undefined;
  };
  for (let i = 0; i < path.length; i++) {
    const c = path[i] as string;
    if (c === '\\') {
      i++;
      name = (name ?? '') + (path[i] === 'e' ? '' : (path[i] ?? ''));
    } else if (c === '.') {
      close();
    } else if (c === '[') {
      close();
      steps.push('member');
      i++;
    } else {
      name = (name ?? '') + c;
    }
  }
  close();
  return steps;
}

/** How many list or set levels a path goes through: the number of `_pos` columns of that table. */
export function memberLevels(path: Path): number {
  return stepsOf(path).filter((step) => step === 'member').length;
}

/** The table a list or set at `path` hangs from: the longest prefix of `path` that ends in `[]`, else the root. */
export function tableOf(path: Path): Path {
  let end = 0;
  for (let i = 0; i < path.length; i++) {
    if (path[i] === '\\') i++;
    else if (path[i] === '[') end = i + 2;
  }
  return path.slice(0, end);
}

/** The table whose rows hold the list or set that made `table`; undefined for the root. */
export function parentTable(table: Path): Path | undefined {
  return table === ROOT ? undefined : tableOf(listOf(table));
}

/** The path of the list or set whose members are the rows of `table` (not the root). */
export function listOf(table: Path): Path {
  return table.slice(0, -2);
}

function escapeName(name: string): string {
  if (name === '') return '\\e';
  if (name === '__proto__') return '\\__proto__';
  return name.replace(/[\\.[]/g, '\\$&');
}
