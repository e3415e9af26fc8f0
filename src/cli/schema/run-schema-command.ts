import { readFile } from 'node:fs/promises';
import { typeSql } from '../../pipeline/columns/redshift-type.ts';
import { tableFacts } from '../../pipeline/documentation/table-facts.ts';
import { ROOT } from '../../pipeline/item/path.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { valueFacts } from '../../pipeline/mapping/suggest/value-facts.ts';
import { positionsOf } from '../../pipeline/run/seal/seal.ts';
import { AgreedSchema, runsWithout } from '../../pipeline/schema/agreed-schema.ts';
import { removedLines } from '../../pipeline/schema/change-schema.ts';
import { diffLines, diffSchemas } from '../../pipeline/schema/drift.ts';
import { agreedRevisions, findAgreed } from '../../store/agreed-schema-file.ts';
import { definitionHere } from '../temporal/config-here.ts';
import { type PipelineStore, pipelineStore } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted, instant } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { type Column, textTable } from '../terminal/text-table.ts';

export interface SchemaOptions {
  readonly destination?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** The longest names are longer than a screen is wide. */
const MOST_WIDTH = 40;
const SCHEMA_COLUMNS: readonly Column[] = [
  { title: 'column', mostWidth: MOST_WIDTH },
  { title: 'type' },
  { title: 'path', mostWidth: MOST_WIDTH },
  { title: '' },
];

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export async function showSchema(version: string, options: SchemaOptions): Promise<void> {
  const schema = await schemaAt(version, options);
  if (options.json) return say(JSON.stringify(schema));
  const mapping = await mappingOf(version, options);
  const facts = tableFacts(schema, mapping);
  const factsOf = mapping === undefined ? () => [] : valueFacts(mapping);
  const { bold, dim, yellow } = paletteFor(process.stdout);
  say(
    `${bold(schema.pipeline)} revision ${schema.revision}, ${instant(new Date(schema.changedAt))}, by ${schema.changedBy}`,
  );
  for (const { path, name, columns } of schema.tables) {
    say('');
    say(path === ROOT ? bold(name) : `${bold(name)} ${dim(path)}`);
    for (const fact of facts.get(path) ?? []) say(`  ${dim(fact)}`);
    const rows = [
      ...schema.key.map(({ columnName, type, path: at }) => [columnName, typeSql(type), at, 'key']),
      ...positionsOf(path, schema.seen).map((position) => [
        position.name,
        typeSql(position.type),
        '',
        'position',
      ]),
      ...columns.map((column) => {
        const gone = runsWithout(schema, column) ?? 0;
        return [
          column.name,
          typeSql(column.type),
          column.path,
          [...factsOf(column), ...(gone === 0 ? [] : [yellow(`gone for ${counted(gone, 'run')}`)])].join(
            ', ',
          ),
        ];
      }),
    ];
    for (const line of textTable(SCHEMA_COLUMNS, rows, dim)) say(`  ${line}`);
  }
}

/** The settings for a version's tables; undefined for a file, which may come from elsewhere. */
async function mappingOf(
  version: string,
  { config, destination }: SchemaOptions,
): Promise<Mapping | undefined> {
  if (version.endsWith('.json')) return undefined;
  return (await definitionHere(version.split('@')[0] ?? '', destination, config)).mapping;
}

export async function showDiff(before: string, after: string, options: SchemaOptions): Promise<void> {
  const [from, to] = [await schemaAt(before, options), await schemaAt(after, options)];
  if (options.json)
    return say(JSON.stringify({ ...diffSchemas(from, to), forgotten: removedLines(from, to) }));
  const lines = linesOf(from, to);
  for (const line of lines.length === 0 ? ['nothing changed'] : lines) say(line);
}

export async function showHistory(pipeline: string, options: SchemaOptions): Promise<void> {
  const revisions = await revisionsOf(await pipelineStore(pipeline, options.config, options.destination));
  const rows = revisions.map((schema, i) => ({
    revision: schema.revision,
    changedAt: schema.changedAt,
    changedBy: schema.changedBy,
    ...(schema.epoch === undefined ? {} : { epoch: schema.epoch }),
    changes: linesOf(revisions[i - 1], schema),
  }));
  if (options.json) return say(JSON.stringify(rows));
  if (rows.length === 0)
    return say(`${pipeline} has no agreed schema yet. Run it, or infer one: ${TRIBUTARY} infer ${pipeline}`);
  const { bold } = paletteFor(process.stdout);
  for (const [i, { revision, changedAt, changedBy, changes }] of rows.entries()) {
    say(`${bold(String(revision))}  ${instant(new Date(changedAt))}  ${changedBy}`);
    if (i === 0) say(`   ${counted(revisions[0]!.tables.length, 'table')}`);
    else for (const change of changes) say(`   ${change}`);
  }
}

const linesOf = (before: AgreedSchema | undefined, after: AgreedSchema): string[] => [
  ...(before === undefined ? [] : removedLines(before, after)),
  ...diffLines(diffSchemas(before, after)),
];

/** @param version `nobel`, `nobel@3`, or a file written by `show --json` */
async function schemaAt(version: string, { config, destination }: SchemaOptions): Promise<AgreedSchema> {
  if (version.endsWith('.json')) return AgreedSchema.parse(JSON.parse(await readFile(version, 'utf8')));
  const [pipeline = '', revision] = version.split('@');
  const at = await pipelineStore(pipeline, config, destination);
  if (revision === undefined) {
    const current = await findAgreed(at.store, at);
    if (current !== undefined) return current;
    throw usage(`${pipeline} has no agreed schema yet. Run it, or infer one: ${TRIBUTARY} infer ${pipeline}`);
  }
  const found = (await revisionsOf(at)).find((schema) => String(schema.revision) === revision);
  if (found !== undefined) return found;
  throw usage(`${pipeline} has no revision ${revision}. List them: ${TRIBUTARY} schema history ${pipeline}`);
}

const revisionsOf = (at: PipelineStore) => agreedRevisions(at.store, at);

const usage = (message: string) => new CommandError(ExitCode.usage, message);
