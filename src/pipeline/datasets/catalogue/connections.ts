import type { CatalogueColumn, TableAddress } from './catalogue-table.ts';

/** How engines and BI tools read a table of the catalogue. */
export interface Connections {
  /** SQL for Athena, which finds the table without any. */
  readonly athena: string;
  /** SQL for Redshift: an external schema, then a query. */
  readonly redshift: string;
  readonly sources: readonly DataSource[];
}

/** Something in angle brackets is to be replaced. */
interface DataSource {
  readonly name: 'Athena, JDBC' | 'Athena, ODBC' | 'Redshift, JDBC' | 'Redshift, ODBC';
  readonly value: string;
}

interface ConnectionOptions {
  readonly partitionKeys: readonly CatalogueColumn[];
  readonly region: string | undefined;
  /** The external schema in Redshift. */
  readonly schema: string;
  /** The ARN of a role; undefined: the default role of the warehouse. */
  readonly role: string | undefined;
  /** Of a partition, as an example. */
  readonly values: readonly string[];
}

export function connections(
  { database, table }: TableAddress,
  { partitionKeys, region = '<region>', schema, role, values }: ConnectionOptions,
): Connections {
  const query = (name: string, asDate: (text: string) => string) =>
    [
      `SELECT * FROM ${quoted(name)}.${quoted(table)}`,
      `WHERE ${filter(partitionKeys, values, asDate)}`,
      'LIMIT 10;',
    ].join('\n');
  const iamRole = role === undefined ? 'default' : literal(role);
  return {
    athena: query(database, (text) => `DATE ${literal(text)}`),
    redshift: [
      `CREATE EXTERNAL SCHEMA IF NOT EXISTS ${quoted(schema)}`,
      `FROM DATA CATALOG DATABASE ${literal(database)} REGION ${literal(region)}`,
      `IAM_ROLE ${iamRole};`,
      '',
      query(schema, literal),
    ].join('\n'),
    sources: [
      {
        name: 'Athena, JDBC',
        value: `jdbc:athena://Region=${region};Database=${database};WorkGroup=<workgroup>`,
      },
      {
        name: 'Athena, ODBC',
        value: `Driver=Amazon Athena ODBC (x64);AwsRegion=${region};Schema=${database};Workgroup=<workgroup>`,
      },
      { name: 'Redshift, JDBC', value: 'jdbc:redshift://<endpoint>:5439/<database>' },
      {
        name: 'Redshift, ODBC',
        value: 'Driver=Amazon Redshift ODBC Driver (x64);Server=<endpoint>;Port=5439;Database=<database>',
      },
    ],
  };
}

/** One partition: engines then read no other one. */
const filter = (
  keys: readonly CatalogueColumn[],
  values: readonly string[],
  asDate: (text: string) => string,
): string =>
  keys
    .map(({ name, type }, index) => {
      const value = values[index] ?? '';
      return `${quoted(name)} = ${type === 'date' ? asDate(value) : literal(value)}`;
    })
    .join(' AND ');

/** The values of the partition that has this day, or its first hour. */
export function valuesOfDay(
  {
    columns,
    unit,
  }: { readonly columns?: readonly string[] | undefined; readonly unit: 'day' | 'hour' | 'month' | 'all' },
  day: string,
): string[] {
  if (columns !== undefined) return [...day.split('-'), '00'].slice(0, columns.length);
  if (unit === 'month') return [day.slice(0, 7)];
  return [unit === 'hour' ? `${day}-00` : day];
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
