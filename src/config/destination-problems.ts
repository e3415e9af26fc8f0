import type { Document } from 'yaml';
import { z } from 'zod';
import { WAREHOUSE } from '../pipeline/definition/destination.ts';
import { destinationMappingProblems, joinedMapping } from '../pipeline/mapping/destination-mapping.ts';
import { withheldConditions } from '../pipeline/mapping/hide/withheld-conditions.ts';
import { Mapping } from '../pipeline/mapping/mapping.ts';
import { type MappingProblem, mappingProblems } from '../pipeline/mapping/mapping-problems.ts';
import { SCHEMA_FOLDERS } from '../pipeline/run/schema-directory.ts';
import type { ConfigProblem } from './config-error.ts';
import { offsetOf } from './document-positions.ts';
import { isPattern, PLACEHOLDER } from './table-patterns.ts';
import { type WrittenDestination, writtenDestinations } from './written-destinations.ts';

/** Problems of destinations among each other, and with the rest of their pipeline. */

const Entry = z.object({
  source: z.object({ table: z.string().optional(), changes: z.unknown().optional() }).catch({}),
  staging: z
    .object({ bucket: z.string(), prefix: z.string().default('tributary') })
    .optional()
    .catch(undefined),
  mapping: Mapping.prefault({}).catch(Mapping.parse({})),
});
type Entry = z.infer<typeof Entry>;

type Report = (at: readonly (string | number)[], of: 'key' | 'value', message: string) => ConfigProblem;

type Written = Readonly<Record<string, unknown>>;

/** @param content the whole file, with the defaults in each pipeline */
export function destinationProblems(
  document: Document,
  {
    pipelines,
    defaults,
  }: { readonly pipelines: Written; readonly defaults: { readonly warehouse: Written } },
): ConfigProblem[] {
  const all = writtenDestinations(pipelines);
  const report =
    ({ path }: WrittenDestination): Report =>
    (at, of, message) => {
      const whole = [...path, ...at];
      return { path: whole, offset: offsetOf(document, whole, of), message: `expected ${message}` };
    };
  return [
    ...sharedSchemas(all, report),
    ...nestedFolders(all, pipelines, report),
    ...all.flatMap((destination) => {
      const entry = Entry.safeParse(pipelines[destination.pipeline]).data;
      return entry === undefined
        ? []
        : ownProblems(destination, entry, report(destination), defaults.warehouse);
    }),
    ...conditionsOnWithheld(document, pipelines),
  ];
}

type Reporter = (destination: WrittenDestination) => Report;

function sharedSchemas(all: readonly WrittenDestination[], report: Reporter): ConfigProblem[] {
  const owners = new Map<string, WrittenDestination>();
  return all.flatMap((destination) => {
    const { kind, workgroup, cluster, database, schema } = destination;
    if (kind !== 'redshift' || database === undefined || schema === undefined) return [];
    // What the templates of patterns become depends on the tables: see withMatches.
    if (PLACEHOLDER.test(schema)) return [];
    const target = JSON.stringify([workgroup, cluster, database, schema]);
    const owner = owners.get(target);
    if (owner === undefined) {
      owners.set(target, destination);
      return [];
    }
    const other = owner.pipeline === destination.pipeline ? 'destination' : 'pipeline';
    return [
      report(destination)(
        ['schema'],
        'value',
        `a schema that no other ${other} replaces: ${owner.label} already replaces ${schema} in database ` +
          `${database} of ${workgroup ?? cluster}`,
      ),
    ];
  });
}

const withSlash = (folder: string) => (folder.endsWith('/') ? folder : `${folder}/`);

/** Places in S3 that would be pruned with a run directory, or that another destination writes to. */
function nestedFolders(
  all: readonly WrittenDestination[],
  pipelines: Written,
  report: Reporter,
): ConfigProblem[] {
  const staged = Object.entries(pipelines).flatMap(([name, entry]) => {
    const staging = Entry.safeParse(entry).data?.staging;
    return staging === undefined
      ? []
      : [{ what: `where ${name} keeps its runs`, folder: withSlash(`${staging.bucket}/${staging.prefix}`) }];
  });
  const places = all.flatMap((destination) => {
    const { kind, bucket, prefix } = destination;
    if (kind !== 's3' || bucket === undefined || prefix === undefined || PLACEHOLDER.test(prefix)) return [];
    return [{ destination, what: `where ${destination.label} is`, folder: withSlash(`${bucket}/${prefix}`) }];
  });
  return places.flatMap((place, i) => {
    const other = [...staged, ...places.slice(0, i)].find(
      ({ folder }) => folder.startsWith(place.folder) || place.folder.startsWith(folder),
    );
    if (other === undefined) return [];
    const message = `a prefix apart from s3://${other.folder}, ${other.what}: neither may be inside the other`;
    return [report(place.destination)(['prefix'], 'value', message)];
  });
}

function ownProblems(
  destination: WrittenDestination,
  { source, mapping }: Entry,
  report: Report,
  defaults: Written,
): ConfigProblem[] {
  const { kind, name } = destination;
  const isReserved = kind === 'redshift' && SCHEMA_FOLDERS.some((folder) => folder === name);
  return [
    ...(isReserved
      ? [report([], 'key', `another name: ${name} is the name of a folder of the agreed schemas`)]
      : []),
    ...(kind === 's3' && source.changes === undefined
      ? [report(['kind'], 'value', 'source.changes for a destination of kind s3, which keeps changes alone')]
      : []),
    ...(name === WAREHOUSE && kind === 's3'
      ? [report([], 'key', 'another name: warehouse is a destination of kind redshift')]
      : []),
    ...(source.changes === undefined ? pacesWithoutChanges(destination, defaults, report) : []),
    ...templateProblems(destination, source.table, report),
    ...(destination.mapping === undefined
      ? []
      : ownMappingProblems(mapping, destination.mapping).map(({ at, message }) =>
          report(['mapping', ...at], at.length > 2 ? 'value' : 'key', message),
        )),
  ];
}

const PACES = ['applySeconds', 'applyBytes', 'refreshAtMostEvery', 'alertAtLag'] as const;

/** The defaults may have them, for the pipelines that follow their tables. */
function pacesWithoutChanges(
  { written }: WrittenDestination,
  defaults: Written,
  report: Report,
): ConfigProblem[] {
  const settings = z.record(z.string(), z.unknown()).catch({}).parse(written);
  return PACES.filter((pace) => settings[pace] !== undefined && settings[pace] !== defaults[pace]).map(
    (pace) =>
      report([pace], 'key', `source.changes beside ${pace}: without it, nothing is applied between runs`),
  );
}

/** The names of a pattern's tables must differ, and only patterns have templates. `warehouse` is checked elsewhere. */
function templateProblems(
  { path, kind, schema, prefix }: WrittenDestination,
  table: string | undefined,
  report: Report,
): ConfigProblem[] {
  if (path.at(-2) !== 'destinations' || table === undefined) return [];
  const [setting, text] = kind === 's3' ? (['prefix', prefix] as const) : (['schema', schema] as const);
  if (text === undefined || PLACEHOLDER.test(text) === isPattern(table)) return [];
  return [
    report(
      [setting],
      'value',
      isPattern(table)
        ? `a name with {match} or {table} in it: each table of the pattern needs a ${setting} of its own`
        : `{match} and {table} only with a pattern as source.table, such as "${table}-*"`,
    ),
  ];
}

/** Problems that the pipeline's mapping does not have alone. */
function ownMappingProblems(
  pipeline: Mapping,
  own: NonNullable<WrittenDestination['mapping']>,
): MappingProblem[] {
  const conflicts = destinationMappingProblems(pipeline, own);
  if (conflicts.length > 0) return conflicts;
  const before = new Set(mappingProblems(pipeline).map((problem) => JSON.stringify(problem)));
  const joined = joinedMapping(pipeline, own);
  return mappingProblems(joined).flatMap((problem) => {
    if (before.has(JSON.stringify(problem))) return [];
    const at = placeIn(problem.at, pipeline, joined, own);
    return at === undefined ? [] : [{ at, message: problem.message }];
  });
}

/** Where in a destination's own mapping a problem of the joined one is; undefined if it is the pipeline's alone. */
function placeIn(
  at: MappingProblem['at'],
  pipeline: Mapping,
  joined: Mapping,
  own: NonNullable<WrittenDestination['mapping']>,
): MappingProblem['at'] | undefined {
  const [setting, key] = at;
  if (setting === 'columns') return Object.hasOwn(own.columns ?? {}, String(key)) ? at : undefined;
  if (setting === 'include' || setting === 'exclude') {
    const index = own[setting]?.indexOf(joined[setting]?.[Number(key)] ?? '') ?? -1;
    return index < 0 ? undefined : [setting, index];
  }
  if (setting === 'where') {
    const index = Number(key) - (pipeline.where ?? []).length;
    return own.where === undefined ? undefined : index < 0 ? ['where'] : ['where', index];
  }
  return at;
}

/** Conditions on what the pipeline's own mapping withholds: neither a destination nor the change log has it. */
function conditionsOnWithheld(document: Document, pipelines: Written): ConfigProblem[] {
  const refused = (path: readonly (string | number)[], message: string): ConfigProblem => ({
    path,
    offset: offsetOf(document, path, 'value'),
    message: `expected ${message}`,
  });
  const ofPipelines = Object.entries(pipelines).flatMap(([name, written]) => {
    const entry = Entry.safeParse(written).data;
    if (entry?.source.changes === undefined) return [];
    return withheldConditions(entry.mapping, entry.mapping.where).map(({ index, why }) =>
      refused(
        ['pipelines', name, 'mapping', 'where', index, 'attribute'],
        `an attribute that the change log has: ${why}`,
      ),
    );
  });
  const ofDestinations = writtenDestinations(pipelines).flatMap(({ pipeline, path, mapping }) => {
    const entry = Entry.safeParse(pipelines[pipeline]).data;
    return entry === undefined
      ? []
      : withheldConditions(entry.mapping, mapping?.where).map(({ index, why }) =>
          refused(
            [...path, 'mapping', 'where', index, 'attribute'],
            `an attribute that the destination gets: ${why}`,
          ),
        );
  });
  return [...ofPipelines, ...ofDestinations];
}
