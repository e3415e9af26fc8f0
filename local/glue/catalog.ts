import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { GlueError, notFound } from './glue-error.ts';
import type { DatabaseInput, PartitionInput, TableInput } from './shapes.ts';

interface Partition {
  readonly input: PartitionInput;
  readonly createdAtMs: number;
}

export interface Table {
  input: TableInput;
  version: number;
  readonly createdAtMs: number;
  updatedAtMs: number;
  /** Earlier versions, the latest last. */
  readonly archived: { readonly version: number; readonly input: TableInput }[];
  /** By their values as JSON. */
  readonly partitions: Map<string, Partition>;
}

interface Database {
  readonly input: DatabaseInput;
  readonly createdAtMs: number;
  readonly tables: Map<string, Table>;
}

export const keyOf = (values: readonly string[]): string => JSON.stringify(values);

/** The databases, tables and partitions. In a file, if it has one, that is rewritten by `save`. */
export class Catalog {
  readonly #file: string | undefined;
  readonly databases = new Map<string, Database>();

  /** @param file what it reads, and writes to. Default: everything ends with the process. */
  constructor(file?: string) {
    this.#file = file;
    if (file !== undefined) this.#restore(file);
  }

  database(name: string): Database {
    const found = this.databases.get(name);
    if (found === undefined) throw notFound(`Database ${name} not found.`);
    return found;
  }

  createDatabase(input: DatabaseInput): void {
    if (this.databases.has(input.Name))
      throw new GlueError('AlreadyExistsException', 'Database already exists.');
    this.databases.set(input.Name, { input, createdAtMs: Date.now(), tables: new Map() });
  }

  table(database: string, name: string): Table {
    const found = this.database(database).tables.get(name);
    if (found === undefined) throw notFound(`Table ${name} not found.`);
    return found;
  }

  createTable(database: string, input: TableInput): void {
    const { tables } = this.database(database);
    if (tables.has(input.Name)) throw new GlueError('AlreadyExistsException', 'Table already exists.');
    const now = Date.now();
    tables.set(input.Name, {
      ...{ input, version: 0, createdAtMs: now, updatedAtMs: now },
      ...{ archived: [], partitions: new Map() },
    });
  }

  /** @param version the one that it must have; undefined: any */
  updateTable(table: Table, input: TableInput, version: string | undefined, skipArchive: boolean): void {
    if (version !== undefined && version !== String(table.version))
      throw new GlueError(
        'ConcurrentModificationException',
        'Update table failed due to concurrent modifications.',
      );
    if (!skipArchive) table.archived.push({ version: table.version, input: table.input });
    table.input = input;
    table.version += 1;
    table.updatedAtMs = Date.now();
  }

  createPartition(table: Table, input: PartitionInput): void {
    const key = keyOf(valuesFor(table, input.Values));
    if (table.partitions.has(key)) throw new GlueError('AlreadyExistsException', 'Partition already exists.');
    table.partitions.set(key, { input, createdAtMs: Date.now() });
  }

  /** @param input may have other values: the partition then has these */
  updatePartition(table: Table, values: readonly string[], input: PartitionInput): void {
    const key = keyOf(valuesFor(table, values));
    const before = table.partitions.get(key);
    if (before === undefined) throw notFound('Cannot find partition.');
    const next = keyOf(valuesFor(table, input.Values));
    if (next !== key && table.partitions.has(next))
      throw new GlueError('AlreadyExistsException', 'Partition already exists.');
    table.partitions.delete(key);
    table.partitions.set(next, { input, createdAtMs: before.createdAtMs });
  }

  deletePartition(table: Table, values: readonly string[]): void {
    if (!table.partitions.delete(keyOf(valuesFor(table, values)))) throw notFound('Cannot find partition.');
  }

  /** Whole: a killed process leaves the file as it was before. */
  save(): void {
    if (this.#file === undefined) return;
    const databases = [...this.databases.values()].map((database) => ({
      ...database,
      tables: [...database.tables.values()].map((table) => ({
        ...table,
        partitions: [...table.partitions.values()],
      })),
    }));
    const unfinished = `${this.#file}.unfinished`;
    writeFileSync(unfinished, JSON.stringify({ databases }), { mode: 0o600 });
    renameSync(unfinished, this.#file);
  }

  #restore(file: string): void {
    const text = readIfThere(file);
    if (text === undefined) return;
    const { databases } = JSON.parse(text) as {
      databases: (Omit<Database, 'tables'> & {
        tables: (Omit<Table, 'partitions'> & { partitions: Partition[] })[];
      })[];
    };
    for (const database of databases) {
      const tables = database.tables.map((table) => ({
        ...table,
        partitions: new Map(table.partitions.map((each) => [keyOf(each.input.Values ?? []), each])),
      }));
      const byName = new Map(tables.map((table) => [table.input.Name, table]));
      this.databases.set(database.input.Name, { ...database, tables: byName });
    }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function valuesFor({ input: { PartitionKeys = [] } }: Table, values: readonly string[] = []) {
  if (values.length !== PartitionKeys.length)
    throw new GlueError(
      'InvalidInputException',
      'The number of partition keys do not match the number of partition values',
    );
  return values;
}
