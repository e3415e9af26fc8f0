import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { addressesFromEnvironment } from '../../clients/aws/addresses.ts';
import {
  createDynamoDBTableSource,
  dynamodbClient,
  tableNameOf,
} from '../../clients/dynamodb/dynamodb-table-source.ts';
import { listTables } from '../../clients/dynamodb/list-tables.ts';
import type { NewPipeline } from '../../config/proposal-yaml.ts';
import { configPath } from '../../config/read-config.ts';
import { RegionName } from '../../pipeline/definition/aws-names.ts';
import { pipelineNameFrom, schemaNameFrom } from '../../pipeline/definition/derived-names.ts';
import { PipelineName, WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { EntitySuggestion } from '../../pipeline/mapping/suggest/suggest-entities.ts';
import {
  entityChoices,
  type PipelineProposal,
  proposePipeline,
  type SampledSource,
} from '../../pipeline/proposal/propose-pipeline.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { spreadSample } from '../schema/spread-sample.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { reportedSource } from '../temporal/reported-waits.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { type ConfigFile, openConfig, textWith, writeConfig } from './config-file.ts';
import { type DestinationOptions, destinationFor } from './destination.ts';
import { nextSteps, proposalLines } from './proposal-lines.ts';
import { type Questions, questionsOn } from './questions.ts';

export interface InitOptions extends DestinationOptions {
  readonly region?: string;
  readonly table?: readonly string[];
  readonly name?: string;
  readonly schema?: string;
  /** How items are divided: `auto`, `none`, `key` or the name of an attribute. */
  readonly entities?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly config?: string;
}

/** Looks at tables, proposes a pipeline for each, and writes them to the configuration file. */
export async function init(options: InitOptions): Promise<ExitCode> {
  const path = configPath(options.config);
  const file = await openConfig(path);
  const canAsk = !options.yes && process.stdin.isTTY === true && process.stderr.isTTY === true;
  const questions = canAsk
    ? questionsOn(process.stdin, process.stderr, paletteFor(process.stderr))
    : undefined;
  const stack = chosenLocalStack(options.config);
  useLocalStack(stack);
  const client = await clientFor(options.region, questions);
  try {
    const tables = await chosenTables(client, options.table, questions);
    refuseOneNameForMany(tables, options);
    const names = new Names(file);
    const pipelines: NewPipeline[] = [];
    const destination = await destinationFor(options, file.destination, stack?.addresses, questions);
    const own = file.missingOf(destination);
    for (const table of tables) {
      const proposal = await proposalFor(client, table, options.entities, questions);
      for (const line of proposalLines(proposal, paletteFor(process.stderr)))
        process.stderr.write(`${line}\n`);
      pipelines.push({ ...(await names.namesFor(table, options, questions)), proposal, own });
    }
    const text = textWith(file, destination, pipelines);
    if (options.dryRun) {
      process.stdout.write(text);
      return ExitCode.done;
    }
    if (questions !== undefined && !(await questions.confirm(`Write ${path}?`))) {
      process.stderr.write('Nothing was written.\n');
      return ExitCode.done;
    }
    await writeConfig(file, text);
    const region = stack === undefined ? await client.config.region() : undefined;
    for (const line of nextSteps(
      { file, pipelines, region, config: options.config },
      paletteFor(process.stdout),
    ))
      process.stdout.write(`${line}\n`);
    return ExitCode.done;
  } finally {
    questions?.close();
    client.destroy();
  }
}

/** A client for the region of the option, else of the environment or the local stack, else asked. */
async function clientFor(
  region: string | undefined,
  questions: Questions | undefined,
): Promise<DynamoDBClient> {
  const check = (text: string) => {
    const issue = RegionName.safeParse(text).error?.issues[0];
    return issue === undefined ? undefined : `Expected ${issue.message}.`;
  };
  const wrong = region === undefined ? undefined : check(region);
  if (wrong !== undefined) throw new CommandError(ExitCode.usage, `--region ${region}: ${wrong}`);
  const { dynamodb } = addressesFromEnvironment(process.env);
  const client = dynamodbClient({ ...dynamodb, ...(region === undefined ? {} : { region }) });
  try {
    await client.config.region();
    return client;
  } catch {
    client.destroy();
    const asked = await questions?.text('AWS region:', { check });
    if (asked !== undefined) return dynamodbClient({ ...dynamodb, region: asked });
    throw new CommandError(
      ExitCode.usage,
      'In which region are the tables? Give it with --region or AWS_REGION, or set one in your AWS profile.',
    );
  }
}

async function chosenTables(
  client: DynamoDBClient,
  wanted: readonly string[] | undefined,
  questions: Questions | undefined,
): Promise<readonly string[]> {
  // A table of another account has an ARN and is in no list of this one.
  if (wanted?.every((table) => table.startsWith('arn:'))) return wanted;
  const region = await client.config.region();
  const known = await listTables(client);
  const unknown = wanted?.filter((table) => !table.startsWith('arn:') && !known.includes(table)) ?? [];
  if (unknown.length > 0) {
    throw new CommandError(
      ExitCode.usage,
      `There is no DynamoDB table ${unknown.map((table) => `${table}${didYouMean(table, known)}`).join(', ')} ` +
        `in ${region}. It has: ${some(known)}.`,
    );
  }
  if (wanted !== undefined) return [...new Set(wanted)];
  if (known.length === 0)
    throw new CommandError(ExitCode.usage, `There are no DynamoDB tables in ${region}.`);
  if (known.length === 1) return known;
  if (questions === undefined) {
    throw new CommandError(
      ExitCode.usage,
      `Which tables? Name them with --table. ${region} has: ${some(known)}.`,
    );
  }
  return questions.choices(
    `DynamoDB tables in ${region}`,
    known.map((table) => ({ label: table, word: table, value: table })),
  );
}

const MOST_LISTED = 30;
const some = (names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : `${names.slice(0, MOST_LISTED).join(', ')}${names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : ''}`;

function refuseOneNameForMany(tables: readonly string[], { name, schema }: InitOptions): void {
  if (tables.length === 1 || (name === undefined && schema === undefined)) return;
  throw new CommandError(
    ExitCode.usage,
    `--name and --schema are for one table, and there are ${tables.length}: omit them, or run the command once for each table.`,
  );
}

async function proposalFor(
  client: DynamoDBClient,
  table: string,
  entities: string | undefined,
  questions: Questions | undefined,
): Promise<PipelineProposal> {
  process.stderr.write(`Reading a sample of ${tableNameOf(table)} …\n`);
  const tables = reportedSource(createDynamoDBTableSource({ client }));
  const described = await tables.describe(table);
  const source: SampledSource = { table, ...described, ...(await spreadSample(tables, table)) };
  const choices = entityChoices(source);
  return proposePipeline(source, await chosenEntities(table, choices, entities, questions));
}

async function chosenEntities(
  table: string,
  choices: readonly EntitySuggestion[],
  wanted: string | undefined,
  questions: Questions | undefined,
): Promise<EntitySuggestion | undefined> {
  if (wanted === 'none' || (wanted === undefined && choices.length === 0)) return undefined;
  if (wanted !== undefined && wanted !== 'auto') {
    const by = wanted === 'key' ? 'the prefix of the key' : `the attribute ${wanted}`;
    const found = choices.find((choice) => choice.by === by);
    if (found !== undefined) return found;
    throw new CommandError(
      ExitCode.usage,
      `The sample of ${table} does not divide by ${by}. It divides by: ${choices.map((choice) => choice.by).join(', ') || 'nothing, so one table fits'}.`,
    );
  }
  if (questions === undefined) return choices[0];
  return questions.choice(`${table} holds several kinds of items. Tables for each kind?`, [
    ...choices.map((choice) => ({
      label: `by ${choice.by}: ${choice.entities.map(({ name, items }) => `${name} (${items})`).join(', ')}`,
      value: choice as EntitySuggestion | undefined,
    })),
    { label: 'one table for all items', word: 'none', value: undefined },
  ]);
}

/** Names that no other pipeline has. */
class Names {
  readonly #file: ConfigFile;
  readonly #pipelines: Set<string>;
  readonly #schemas: Set<string>;

  constructor(file: ConfigFile) {
    this.#file = file;
    this.#pipelines = new Set(file.pipelines);
    this.#schemas = new Set(file.schemas);
  }

  async namesFor(
    table: string,
    options: InitOptions,
    questions: Questions | undefined,
  ): Promise<{ readonly name: string; readonly schema: string }> {
    const tableName = tableNameOf(table);
    const checkName = (text: string) =>
      expected(PipelineName, text) ?? (this.#pipelines.has(text) ? this.#taken('pipeline', text) : undefined);
    const checkSchema = (text: string) =>
      expected(WarehouseDefinition.shape.schema, text) ??
      (this.#schemas.has(text) ? this.#taken('schema', text) : undefined);
    const name = await this.#name('name', options.name, pipelineNameFrom(tableName), checkName, questions);
    const schema = await this.#name('schema', options.schema, schemaNameFrom(name), checkSchema, questions);
    this.#pipelines.add(name);
    this.#schemas.add(schema);
    return { name, schema };
  }

  async #name(
    flag: 'name' | 'schema',
    given: string | undefined,
    proposed: string,
    check: (text: string) => string | undefined,
    questions: Questions | undefined,
  ): Promise<string> {
    if (given === undefined && questions !== undefined) {
      const question = flag === 'name' ? 'Name of the pipeline:' : 'Schema in Redshift, for it alone:';
      return questions.text(question, { standard: proposed, check });
    }
    const wrong = check(given ?? proposed);
    if (wrong === undefined) return given ?? proposed;
    throw new CommandError(
      ExitCode.usage,
      given === undefined ? `${wrong} Choose another one with --${flag}.` : `--${flag} ${given}: ${wrong}`,
    );
  }

  #taken(what: 'pipeline' | 'schema', name: string): string {
    return `${this.#file.path} already has a ${what} ${name}.`;
  }
}

function expected(type: typeof PipelineName, text: string): string | undefined {
  const issue = type.safeParse(text).error?.issues[0];
  return issue === undefined ? undefined : `Expected ${issue.message}.`;
}
