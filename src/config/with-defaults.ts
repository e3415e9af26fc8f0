import { withStore } from './datasets/dataset-defaults.ts';
import { schemaOf } from './pipeline-of-entry.ts';
import { isPattern } from './table-patterns.ts';

/** `defaults` in the configuration file: settings that each pipeline takes over unless it has its own; `defaults.loaders` the same for loaders, and `defaults.datasets` the place of datasets. */

type Tree = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings of which a pipeline has only one kind: its own keeps out all of these. */
const ALTERNATIVES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  warehouse: [
    ['workgroup', 'cluster', 'dbUser'],
    ['waitForReaders', 'waitForReadersSeconds'],
  ],
  target: [['workgroup', 'cluster', 'dbUser']],
};

/** Maps whose order matters: a pipeline's own replaces the whole map. */
const WHOLE = ['mapping.entities', 'target.columns'];

/**
 * The file's content with the defaults in each pipeline and loader. Maps are merged, key by key; any other value of its own
 * replaces the default. The content is not validated yet, so anything else is left for the validation to report.
 */
export function withDefaults(content: unknown): unknown {
  if (!isMap(content)) return content;
  const { loaders, datasets, ...defaults } = isMap(content.defaults) ? content.defaults : {};
  return {
    ...content,
    ...(isMap(content.pipelines) && {
      pipelines: each(content.pipelines, (own, name) => withSchemas(name, withShared(defaults, own))),
    }),
    ...(isMap(content.loaders) && {
      loaders: each(content.loaders, (own) => merged(isMap(loaders) ? loaders : {}, own, '')),
    }),
    ...(isMap(content.datasets) && {
      datasets: each(content.datasets, (own, name) => withStore(name, own, datasets)),
    }),
  };
}

const each = (entries: Tree, change: (own: Tree, name: string) => Tree): Tree =>
  Object.fromEntries(
    Object.entries(entries).map(([name, own]) => [name, isMap(own) ? change(own, name) : own]),
  );

/** With `destinations`, those of kind `redshift` share what the defaults have for warehouses. */
function withShared(defaults: Tree, own: Tree): Tree {
  if (!isMap(own.destinations)) return merged(defaults, own, '');
  const { warehouse, ...others } = defaults;
  const shared = isMap(warehouse) ? warehouse : {};
  const destinations = each(own.destinations, (destination) =>
    destination.kind === 'redshift' ? merged(shared, destination, 'warehouse') : destination,
  );
  return { ...merged(others, own, ''), destinations };
}

/** The destinations of one table without a schema have one of the pipeline's name, and of their own. */
function withSchemas(name: string, pipeline: Tree): Tree {
  const { source, warehouse, destinations } = pipeline;
  const table = isMap(source) ? source.table : undefined;
  if (typeof table !== 'string' || isPattern(table)) return pipeline;
  return {
    ...pipeline,
    ...(isMap(warehouse) && { warehouse: { schema: schemaOf(name), ...warehouse } }),
    ...(isMap(destinations) && {
      destinations: each(destinations, (own, destination) =>
        own.kind === 'redshift' ? { schema: schemaOf(name, destination), ...own } : own,
      ),
    }),
  };
}

function merged(defaults: Tree, own: Tree, path: string): Tree {
  const result: Record<string, unknown> = { ...withoutAlternatives(defaults, own, path) };
  for (const [key, value] of Object.entries(own)) {
    const at = path === '' ? key : `${path}.${key}`;
    const shared = result[key];
    const both = isMap(shared) && isMap(value) && !WHOLE.includes(at);
    result[key] = both ? merged(shared, value, at) : value;
  }
  return result;
}

function withoutAlternatives(defaults: Tree, own: Tree, path: string): Tree {
  const excluded = (ALTERNATIVES[path] ?? []).filter((names) =>
    names.some((name) => Object.hasOwn(own, name)),
  );
  const names = new Set(excluded.flat());
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !names.has(name)));
}

/** Where the file has what is at this path of the merged content: in the pipeline or loader itself, else in the defaults. */
export function writtenPath(
  content: unknown,
  path: readonly (string | number)[],
): readonly (string | number)[] {
  const [map, , ...inside] = path;
  const defaults = {
    pipelines: ['defaults'],
    loaders: ['defaults', 'loaders'],
    datasets: ['defaults', 'datasets'],
  }[String(map)];
  if (defaults === undefined || inside.length === 0 || isWritten(content, path)) return path;
  const shared = [...defaults, ...inside];
  return isWritten(content, shared) ? shared : path;
}

/** Whether the content has anything at this path. */
export function isWritten(content: unknown, path: readonly PropertyKey[]): boolean {
  let value = content;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return true;
}
