import { stringify } from 'yaml';
import type { PipelineProposal } from '../pipeline/proposal/propose-pipeline.ts';
import { legalName } from '../pipeline/sql/identifier.ts';
import { byteSize, count, counted, duration } from '../pipeline/text/measures.ts';

/** A proposed pipeline as lines of YAML with comments, and the file around it. */

/** Where the run directories and the tables go. */
export interface Destination {
  readonly bucket: string;
  readonly prefix: string;
  readonly workgroup?: string;
  readonly cluster?: string;
  readonly dbUser?: string;
  readonly secretArn?: string;
  readonly database: string;
  readonly iamRole: string;
}

/** A pipeline for the file. */
export interface NewPipeline {
  readonly name: string;
  readonly schema: string;
  readonly proposal: PipelineProposal;
  /** Settings of the destination that the file's defaults do not have. */
  readonly own: Partial<Destination>;
}

const COMMENT_AT = 38;
const MOST_TABLES = 20;
const MOST_DATES = 8;

/** A new file with these pipelines. */
export function newFile(destination: Destination, pipelines: readonly NewPipeline[]): string {
  const { bucket, prefix, ...warehouse } = destination;
  return [
    '# Written by "tributary init". All settings: docs/configuration.md. Check the file: tributary config check',
    '# Addresses and credentials do not go into it: they come from the environment and AWS’s default chain.',
    '',
    '# Settings that all pipelines share. A pipeline’s own settings replace them.',
    'defaults:',
    '  staging:',
    setting(4, { bucket }, `run directories: s3://${bucket}/${prefix}/<pipeline>/`),
    setting(4, { prefix }),
    '  warehouse:',
    ...Object.entries(warehouse).flatMap(([key, value]) =>
      value === undefined ? [] : [setting(4, { [key]: value }, MEANINGS[key])],
    ),
    '',
    'pipelines:',
    ...pipelines.flatMap((pipeline, i) => [
      ...(i === 0 ? [] : ['']),
      ...pipelineLines(pipeline).map((line) => (line === '' ? '' : `  ${line}`)),
    ]),
    '',
  ].join('\n');
}

const MEANINGS: Readonly<Record<string, string>> = {
  workgroup: 'Redshift Serverless',
  cluster: 'a provisioned cluster',
  iamRole: 'the role with which COPY reads the bucket',
};

/** The entry of a pipeline in `pipelines`, without indentation. */
export function pipelineLines({ name, schema, proposal, own }: NewPipeline): string[] {
  const { source, rate, segments, scan } = proposal;
  const { bucket, prefix, ...warehouse } = own;
  const staging = { bucket, prefix };
  return [
    ...comment(0, headOf(proposal)),
    `${name}:`,
    '  source:',
    setting(4, { table: source.table }),
    setting(4, { segments: 'auto' }, `now ${segments}: parts that are read in parallel`),
    rate.unitsPerSecond === undefined
      ? noted('    # readUnitsPerSecond: 3000', rate.why)
      : setting(
          4,
          { readUnitsPerSecond: rate.unitsPerSecond },
          `${rate.why}; the reads take ${duration(scan.minutes * 60)}`,
        ),
    ...mapOf('staging', staging),
    '  warehouse:',
    ...settings(4, warehouse),
    setting(4, { schema }, 'for this pipeline alone: each run replaces it'),
    ...mappingLines(proposal),
  ];
}

const UNITS = { s: 'seconds', ms: 'milliseconds', us: 'microseconds' } as const;
const SECONDS = { s: '1', ms: '0.001', us: '0.000001' } as const;

const timeOf = (path: string, unit: keyof typeof UNITS): string =>
  `TIMESTAMP 'epoch' + ${legalName(path, 'snake_case')} * INTERVAL '${SECONDS[unit]} second'`;

function headOf(proposal: PipelineProposal): string[] {
  const { source, scan, tables, rejects } = proposal;
  const { tableName, key, items, isWhole } = source;
  const keyText = key.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  const size = `${scan.basis === 'at least' ? 'at least ' : ''}${counted(scan.items, 'item')}, ${byteSize(scan.bytes)}`;
  const from = isWhole ? 'all of them were read' : `proposed from a sample of ${count(items.length)}`;
  const shown = tables.slice(0, MOST_TABLES);
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const setAside = [...rejects].map(
    ([reason, n]) => `${counted(n, 'item')} of the sample would be set aside: ${reason}.`,
  );
  return [
    `DynamoDB table ${tableName}, key ${keyText}: ${size}; ${from}.`,
    ...(shown.length === 0 ? [] : ['Tables it creates, with estimated rows:']),
    ...shown.map(
      ({ name, rows, columns }) => `  ${name.padEnd(width)}  ${count(rows)} (${counted(columns, 'column')})`,
    ),
    ...(tables.length > MOST_TABLES ? [`  and ${tables.length - MOST_TABLES} more`] : []),
    ...proposal.times.keys.map(
      ({ path, unit }) =>
        `The key ${path} counts ${UNITS[unit]} since 1970. Keys stay numbers; in SQL: ${timeOf(path, unit)}`,
    ),
    ...setAside,
  ];
}

function mappingLines(proposal: PipelineProposal): string[] {
  const { entities, dictionaries, times, dates } = proposal;
  const columns = [
    ...dictionaries.map(({ path, names }) =>
      setting(
        6,
        { [path]: { asRows: true } },
        `a dictionary of ${counted(names, 'name')}: one row per entry`,
      ),
    ),
    ...times.epochs.map(({ path, unit, from, to }) =>
      setting(6, { [path]: { epoch: unit } }, from === to ? from : `${from} to ${to}`),
    ),
    ...times.emptyOrTime.map((path) =>
      setting(6, { [path]: { emptyAsNull: true } }, 'a time, or empty text: empty becomes NULL'),
    ),
  ];
  const entityLines =
    entities === undefined
      ? []
      : [
          ...comment(4, [
            `Items differ by ${entities.by}. Each goes to the first of these tables whose conditions it meets.`,
          ]),
          '    entities:',
          ...entities.entities.map(({ name, route, items }) =>
            setting(6, { [name]: route }, `${counted(items, 'item')} of the sample`),
          ),
          ...(entities.others === 0
            ? []
            : comment(6, [
                `${counted(entities.others, 'item')} of the sample fit none: they stay in a common table.`,
              ])),
        ];
  const body = [...entityLines, ...(columns.length === 0 ? [] : ['    columns:', ...columns])];
  return [
    ...comment(
      2,
      dates.length === 0
        ? []
        : [`Text that becomes DATE or TIMESTAMPTZ, as long as every value is one: ${listed(dates)}.`],
    ),
    ...(body.length === 0 ? [] : ['  mapping:', ...body]),
  ];
}

/** `customers.created_at, orders.paid_at and 3 more`. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_DATES).join(', ');
  return names.length > MOST_DATES ? `${shown} and ${names.length - MOST_DATES} more` : shown;
}

function mapOf(name: string, values: Readonly<Record<string, unknown>>): string[] {
  const lines = settings(4, values);
  return lines.length === 0 ? [] : [`  ${name}:`, ...lines];
}

const settings = (indent: number, values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [setting(indent, { [key]: value })],
  );

/** One setting on a line of its own, with a comment behind it. */
function setting(indent: number, entry: Readonly<Record<string, unknown>>, note?: string): string {
  const [[key, value]] = Object.entries(entry) as [[string, unknown]];
  const flow = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  const text = `${' '.repeat(indent)}${keyText(key)}: ${flow}`;
  return note === undefined ? text : noted(text, note);
}

const noted = (text: string, note: string): string => `${text.padEnd(COMMENT_AT)} # ${onOneLine(note)}`;

/** Paths such as `lines[].sku` need quotes as keys. */
const keyText = (key: string): string =>
  /^[A-Za-z_][\w.-]*$/.test(key) ? stringify(key).trim() : JSON.stringify(key);

const comment = (indent: number, lines: readonly string[]): string[] =>
  lines.map((line) => `${' '.repeat(indent)}# ${onOneLine(line)}`);

/** Names of attributes and values may contain line breaks. */
const onOneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029\u0085]+/g, ' ');
