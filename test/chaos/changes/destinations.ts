import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import type { ChangesSchedule } from './schedule.ts';

/** Time limit of a statement if one never ends; far longer than an apply takes here. */
const LOAD_LIMIT_SECONDS = 6;
const STAGING = 'chaos';
/** The name of the second destination. */
export const SECOND = 'second';
/** What the second destination leaves out. */
const IGNORED = 'place';

/** A schema that gets the changes. */
export interface SchemaDestination {
  readonly name: string;
  readonly schema: string;
  readonly definition: PipelineDefinition;
  /** An item as this destination has it. */
  readonly seen: (item: Item) => Item;
}

/** The configuration of one pipeline. */
export interface Configured {
  readonly pipelines: Readonly<Record<string, object>>;
}

/** Where the changes of a table go, and the configuration that says so. */
export class Destinations {
  readonly schemas: readonly SchemaDestination[];
  /** The prefix of the files by day; undefined if there are none. */
  readonly history: string | undefined;
  readonly #source: object;
  readonly #staging: object;
  readonly #written: Readonly<Record<string, object>>;

  constructor(stack: ChaosStack, table: string, { second, history }: ChangesSchedule) {
    const { s3, redshiftData } = stack.addresses;
    this.#source = {
      ...{ kind: 'dynamodb', table, segments: 2 },
      changes: { kind: 'streams', cutSeconds: 1, settleSeconds: 1 },
    };
    this.#staging = { bucket: s3.bucket, prefix: STAGING };
    const warehouse = (schema: string) => ({
      ...{ kind: 'redshift', workgroup: redshiftData.workgroup, database: redshiftData.database, schema },
      ...{ iamRole: 'arn:aws:iam::123456789012:role/copy', applySeconds: 1 },
      timeLimits: { loadSeconds: LOAD_LIMIT_SECONDS * stack.patience },
    });
    const define = (name: string, schema: string, ignored?: string): SchemaDestination => ({
      ...{ name, schema },
      definition: {
        ...PipelineDefinition.parse({
          source: this.#source,
          staging: this.#staging,
          warehouse: warehouse(schema),
          ...(ignored === undefined ? {} : { mapping: ignoring(ignored) }),
        }),
        ...(name === 'warehouse' ? {} : { destination: name }),
      },
      seen: (item) =>
        ignored === undefined
          ? item
          : Object.fromEntries(Object.entries(item).filter(([of]) => of !== ignored)),
    });
    this.history = history ? `history-${table}` : undefined;
    this.schemas = [
      define('warehouse', table),
      ...(second ? [define(SECOND, `second_${table}`, IGNORED)] : []),
    ];
    this.#written = {
      warehouse: warehouse(table),
      ...(second ? { [SECOND]: { ...warehouse(`second_${table}`), mapping: ignoring(IGNORED) } } : {}),
      ...(this.history === undefined
        ? {}
        : { history: { kind: 's3', bucket: s3.bucket, prefix: `${this.history}/`, format: 'jsonl' } }),
    };
  }

  get names(): string[] {
    return Object.keys(this.#written);
  }

  get staging(): string {
    return STAGING;
  }

  /** @param without the name of a destination that was removed */
  configuration(pipeline: string, without?: string): Configured {
    const left = Object.fromEntries(Object.entries(this.#written).filter(([name]) => name !== without));
    const { warehouse, ...others } = left;
    const to = Object.keys(others).length === 0 ? { warehouse } : { destinations: left };
    return { pipelines: { [pipeline]: { source: this.#source, staging: this.#staging, ...to } } };
  }
}

const ignoring = (column: string) => ({ columns: { [column]: { ignore: true } } });
