import { z } from 'zod';
import type { AttributeValue, Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import {
  attributePath,
  entityPath,
  isRoot,
  memberPath,
  type Path,
  ROOT,
  rootOf,
  type Step,
  stepsOf,
} from '../item/path.ts';
import { counted } from '../text/measures.ts';
import { routeTest } from './entity-route.ts';
import { type MappedSchema, type Mapping, schemaHas } from './mapping.ts';
import { attributeHint, pathHint } from './path-hint.ts';

/**
 * Settings of a mapping for what no item of a sample has, which are mostly typos. A typo in `hash`, `mask`, `ignore` or
 * `exclude` copies what must not be copied, and a run alone cannot notice it: it does not record what it leaves out.
 */

/** A setting whose path, or attribute, no sampled item has. */
const UnmatchedSetting = z.object({
  setting: z.enum(['columns', 'include', 'exclude', 'where']),
  path: z.string(),
  /** ` (did you mean "Flag"?)`, or empty. */
  hint: z.string(),
});
type UnmatchedSetting = z.infer<typeof UnmatchedSetting>;

export const Unmatched = z.object({
  /** How many items the sample had: at least one. */
  items: z.number().int().positive(),
  settings: z.array(UnmatchedSetting),
});
export type Unmatched = z.infer<typeof Unmatched>;

/** `mapping.exclude has Emial`: the beginning of a sentence about a setting. */
const settingText = ({ setting, path }: Pick<UnmatchedSetting, 'setting' | 'path'>): string =>
  setting === 'columns'
    ? `mapping.columns has settings for ${path}`
    : `mapping.${setting} has ${setting === 'where' ? 'the attribute ' : ''}${path}`;

/** One sentence per setting. */
export const unmatchedTexts = ({ items, settings }: Unmatched): string[] =>
  settings.map(
    (each) => `${settingText(each)}, which the sample of ${counted(items, 'item')} did not have${each.hint}`,
  );

/** Without the settings for what a schema has: not a typo then, but what no item has now. */
export function beyondSchema(unmatched: Unmatched, schema: MappedSchema): Unmatched {
  const roots = schema.tables.flatMap(({ path }) => (isRoot(path) ? [path] : []));
  const isKnown = ({ setting, path }: UnmatchedSetting) =>
    setting === 'where'
      ? roots.some((root) => schemaHas(schema, attributePath(root, path)))
      : schemaHas(schema, path);
  return { ...unmatched, settings: unmatched.settings.filter((each) => !isKnown(each)) };
}

/** More paths are not kept to guess from. */
const MOST_PATHS = 2000;
/** So many members of each list are looked at for guesses. */
const MOST_MEMBERS = 20;

interface Wanted {
  readonly setting: UnmatchedSetting['setting'];
  readonly path: Path;
  /** The root that items must have; undefined if any will do. */
  readonly root: Path | undefined;
  readonly steps: readonly Step[];
}

/** Finds the settings of a mapping that no item matches. */
export class UnmatchedSettings {
  readonly #rootOf: (item: Item) => Path;
  #wanted: readonly Wanted[];
  readonly #paths = new Set<Path>();
  #items = 0;

  constructor(mapping: Mapping, key: Key) {
    const routes = Object.entries(mapping.entities).map(([name, route]) => ({
      root: entityPath(name),
      fits: routeTest(route, key),
    }));
    this.#rootOf = (item) => routes.find(({ fits }) => fits(item))?.root ?? ROOT;
    const { columns, include = [], exclude = [], where = [] } = mapping;
    const atPaths = (setting: 'columns' | 'include' | 'exclude', paths: readonly Path[]) =>
      paths
        .filter((path) => !isRoot(path))
        .map((path): Wanted => {
          const steps = stepsOf(path).filter((step) => typeof step !== 'object' || !('entity' in step));
          return { setting, path, root: rootOf(path), steps };
        });
    this.#wanted = [
      ...atPaths('columns', Object.keys(columns)),
      ...atPaths('include', include),
      ...atPaths('exclude', exclude),
      ...[...new Set(where.map(({ attribute }) => attribute))].map(
        (name): Wanted => ({ setting: 'where', path: name, root: undefined, steps: [{ name }] }),
      ),
    ];
  }

  see(item: Item): void {
    this.#items++;
    if (this.#wanted.length === 0) return;
    const root = this.#rootOf(item);
    this.#wanted = this.#wanted.filter(
      (wanted) => (wanted.root !== undefined && wanted.root !== root) || !has({ M: item }, wanted.steps),
    );
    if (this.#wanted.length > 0) this.#collect(root, { M: item });
  }

  /**
   * The settings without a match; undefined if there are none, or no items.
   * @param redacted guess from top-level attributes only, because names in a map can be data
   */
  result({ redacted }: { readonly redacted: boolean }): Unmatched | undefined {
    if (this.#items === 0 || this.#wanted.length === 0) return undefined;
    const known = [...this.#paths].filter((path) => !redacted || isTopLevel(path));
    return {
      items: this.#items,
      settings: this.#wanted.map(({ setting, path }) => ({
        ...{ setting, path },
        hint: setting === 'where' ? attributeHint(path, known) : pathHint(path, known),
      })),
    };
  }

  #collect(path: Path, value: AttributeValue): void {
    if (this.#paths.size >= MOST_PATHS) return;
    if (!isRoot(path)) this.#paths.add(path);
    if ('M' in value) {
      for (const [name, inner] of Object.entries(value.M as Item))
        this.#collect(attributePath(path, name), inner);
    } else if ('L' in value) {
      for (const member of (value.L as AttributeValue[]).slice(0, MOST_MEMBERS))
        this.#collect(memberPath(path), member);
    }
  }
}

const isTopLevel = (path: Path) =>
  stepsOf(path).filter((step) => typeof step !== 'object' || 'name' in step).length === 1;

/** Whether a value has something at these steps below it. */
function has(value: AttributeValue, steps: readonly Step[], from = 0): boolean {
  const step = steps[from];
  if (step === undefined) return true;
  const map = 'M' in value ? (value.M as Item) : undefined;
  if (step === 'entry')
    return map !== undefined && Object.values(map).some((inner) => has(inner, steps, from + 1));
  if (typeof step === 'object') {
    if (map === undefined || !('name' in step) || !Object.hasOwn(map, step.name)) return false;
    return has(map[step.name] as AttributeValue, steps, from + 1);
  }
  if ('L' in value) return (value.L as AttributeValue[]).some((member) => has(member, steps, from + 1));
  return from + 1 === steps.length && ('SS' in value || 'NS' in value || 'BS' in value);
}
