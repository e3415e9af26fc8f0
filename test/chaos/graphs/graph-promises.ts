import type { Catalogue } from '../../../src/clients/catalogue.ts';
import type { Row } from '../../../src/clients/warehouse.ts';
import { generationDirectory, generationName } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { valueOfPath } from '../../../src/pipeline/datasets/graph/partition-values.ts';
import { Pointers } from '../../../src/store/datasets/changed-pointers.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { findIntakes } from '../../../src/store/datasets/intakes.ts';
import { GROUP, IN_REDSHIFT, REPORTS, type Report, type State } from './ledger-graph.ts';
import { allPublications, brokenPublication, rowsOfReport } from './published-reports.ts';

export interface GraphPlaces {
  readonly filesOf: (dataset: Report | 'transactions') => DatasetFiles;
  readonly catalogue: Catalogue;
  readonly database: string;
  readonly bucket: string;
  /** Of the statistics that are built in a warehouse. */
  readonly warehouse?: {
    readonly schema: string;
    readonly sql: (statement: string) => Promise<readonly Row[]>;
    readonly openStatements: () => Promise<string[]>;
  };
}

const DATASETS = ['transactions', ...(Object.keys(REPORTS) as Report[])] as const;

/** What is wrong once every run has ended. */
export async function brokenGraphPromises(places: GraphPlaces, states: readonly State[]): Promise<string[]> {
  return [
    ...(await wrongReports(places, states)),
    ...(await wrongPublications(places, states)),
    ...(await wrongLocations(places)),
    ...(await openIntakes(places)),
    ...(await wrongTables(places, states)),
  ];
}

const none = () => new AbortController().signal;

/** Every report says what an independent computation says. */
async function wrongReports({ filesOf }: GraphPlaces, states: readonly State[]): Promise<string[]> {
  const problems: string[] = [];
  for (const report of Object.keys(REPORTS) as Report[]) {
    const files = filesOf(report);
    const found: string[] = [];
    for (const [path, pointer] of await new Pointers().of(files, none()))
      for (const row of await rowsOfReport(files, report, path, pointer)) found.push(row);
    const expected = states.at(-1)?.[report];
    if (JSON.stringify(found.toSorted()) !== JSON.stringify(expected))
      problems.push(`${report} has ${JSON.stringify(found)}, and should have ${JSON.stringify(expected)}`);
  }
  return problems;
}

/** Every publication is whole, and the latest one has the pointers' generations. */
async function wrongPublications({ filesOf }: GraphPlaces, states: readonly State[]): Promise<string[]> {
  const publications = await allPublications(filesOf(GROUP[0]));
  const latest = publications.at(-1);
  if (latest === undefined) return ['the group was never published'];
  const problems: string[] = [];
  for (const each of publications) problems.push(...(await brokenPublication(filesOf, each, states)));
  for (const report of GROUP)
    for (const [path, pointer] of await new Pointers().of(filesOf(report), none())) {
      const member = latest.members.find((each) => each.dataset === report && each.path === path);
      if (member?.id !== pointer.id || member.record !== pointer.built?.record)
        problems.push(
          `publication ${latest.number} has generation ${member?.generation} of ${report} ${path}, and its pointer ${pointer.generation}`,
        );
    }
  return problems;
}

/** The catalogue's locations are the pointers'. */
async function wrongLocations({ filesOf, catalogue, database, bucket }: GraphPlaces): Promise<string[]> {
  const problems: string[] = [];
  for (const table of DATASETS) {
    const files = filesOf(table);
    const expected = new Map<string, string>();
    for (const [path, { generation, id }] of await new Pointers().of(files, none())) {
      const directory = generationDirectory(files.at, path, generationName(generation, id));
      expected.set(valueOfPath(path), `s3://${bucket}/${directory}`);
    }
    for await (const { values, location } of catalogue.partitions({ database, table })) {
      const wanted = expected.get(values.join());
      expected.delete(values.join());
      if (wanted?.replace(/\/$/, '') !== location.replace(/\/$/, ''))
        problems.push(
          `the catalogue has ${location} for ${table} ${values.join()}, and should have ${wanted}`,
        );
    }
    for (const value of expected.keys()) problems.push(`the catalogue lacks ${table} ${value}`);
  }
  return problems;
}

async function openIntakes({ filesOf }: GraphPlaces): Promise<string[]> {
  const { open } = await findIntakes(filesOf('transactions'), none());
  return open.map(({ plan }) => `intake ${plan.intake} is open`);
}

/** Each table has the rows of the report, and its records are those that the pointers name. */
async function wrongTables({ filesOf, warehouse }: GraphPlaces, states: readonly State[]): Promise<string[]> {
  if (warehouse === undefined) return [];
  const { schema, sql } = warehouse;
  const problems = (await warehouse.openStatements()).map((name) => `statement ${name} is running`);
  for (const table of IN_REDSHIFT) {
    const period = table === 'daily_stats' ? 'day' : 'month';
    const rows = await sql(
      `SELECT "${period}"::VARCHAR AS period, ${REPORTS[table].map((column) => `"${column}"::VARCHAR`).join(', ')} FROM "${schema}"."${table}"`,
    );
    const found = rows.map((row) => Object.values(row).join(' ')).toSorted();
    const expected = states.at(-1)?.[table];
    if (JSON.stringify(found) !== JSON.stringify(expected))
      problems.push(
        `table ${table} has ${JSON.stringify(found)}, and should have ${JSON.stringify(expected)}`,
      );
    const records = await sql(
      `SELECT "partition", "id" FROM "${schema}"."_tributary_partitions" WHERE "table" = '${table}'`,
    );
    const inTable = records.map((row) => `${row.partition} ${row.id}`).toSorted();
    const pointers = await new Pointers().of(filesOf(table), none());
    const inS3 = [...pointers].map(([path, { built }]) => `${valueOfPath(path)} ${built?.record}`).toSorted();
    if (inTable.join() !== inS3.join())
      problems.push(`table ${table} has the builds ${inTable.join()}, and the pointers have ${inS3.join()}`);
  }
  return problems;
}
