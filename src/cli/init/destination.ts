import type { z } from 'zod';
import type { StackAddresses } from '../../../local/stack/addresses.ts';
import type { Destination } from '../../config/proposal-yaml.ts';
import { StagingDefinition, WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import type { Questions } from './questions.ts';

/** Where new pipelines write: from the options, else as the file's other pipelines, else asked. */

/** The options of `init` that say where the data goes. */
export interface DestinationOptions {
  readonly bucket?: string;
  readonly prefix?: string;
  readonly workgroup?: string;
  readonly cluster?: string;
  readonly dbUser?: string;
  readonly secretArn?: string;
  readonly database?: string;
  readonly iamRole?: string;
}

type Known = Partial<Destination>;

/** Of the warehouse itself: options that name another one keep none of these. */
const WAREHOUSE = ['workgroup', 'cluster', 'dbUser', 'secretArn'] as const;

/**
 * @param questions undefined if no one can be asked
 * @throws CommandError if an option is invalid, or if what no one can be asked for is missing
 */
export async function destinationFor(
  options: DestinationOptions,
  file: Known,
  stack: StackAddresses | undefined,
  questions: Questions | undefined,
): Promise<Destination> {
  const given = pick(options);
  refuseInvalid(given);
  const before = { ...localDestination(stack), ...file };
  const names = given.workgroup !== undefined || given.cluster !== undefined;
  const known: Known = { ...(names ? without(before, WAREHOUSE) : before), ...given };
  const bucket =
    known.bucket ??
    (await questions?.text('S3 bucket for the run directories:', { check: checkOf('bucket') }));
  const warehouse =
    known.workgroup !== undefined || known.cluster !== undefined ? {} : await askForWarehouse(questions);
  if (bucket === undefined || warehouse === undefined)
    throw missing(bucket === undefined, warehouse === undefined);
  const ask = async (key: 'database' | 'iamRole', question: string, standard: string) =>
    known[key] ?? (await questions?.text(question, { standard, check: checkOf(key) })) ?? standard;
  const database = await ask('database', 'Database:', 'dev');
  const iamRole = await ask(
    'iamRole',
    'IAM role with which COPY reads the bucket (an ARN, or default):',
    'default',
  );
  const { prefix = 'tributary', workgroup, cluster, dbUser, secretArn } = { ...known, ...warehouse };
  return {
    ...{ bucket, prefix },
    ...defined({ workgroup, cluster, dbUser, secretArn }),
    ...{ database, iamRole },
  };
}

async function askForWarehouse(
  questions: Questions | undefined,
): Promise<Pick<Known, 'workgroup' | 'cluster' | 'dbUser' | 'secretArn'> | undefined> {
  if (questions === undefined) return undefined;
  const kind = await questions.choice('Which kind of Redshift?', [
    { label: 'a Serverless workgroup', word: 'workgroup', value: 'workgroup' as const },
    { label: 'a provisioned cluster', word: 'cluster', value: 'cluster' as const },
  ]);
  if (kind === 'workgroup')
    return { workgroup: await questions.text('Workgroup:', { check: checkOf('workgroup') }) };
  const cluster = await questions.text('Cluster:', { check: checkOf('cluster') });
  return { cluster, dbUser: await questions.text('Database user:', {}) };
}

const missing = (bucket: boolean, warehouse: boolean): CommandError =>
  new CommandError(
    ExitCode.usage,
    `Where should the data go? Give ${[
      ...(bucket ? ['--bucket <name>'] : []),
      ...(warehouse ? ['--workgroup <name> (or --cluster <id> with --db-user <name>)'] : []),
    ].join(' and ')}. On a terminal, without --yes, this command asks.`,
  );

/** The destination in a pipeline's definition, or in a file's defaults. */
export const destinationIn = (
  definition: { readonly staging?: object | undefined; readonly warehouse?: object | undefined } = {},
): Known => pick({ ...definition.staging, ...definition.warehouse });

function localDestination(stack: StackAddresses | undefined): Known {
  if (stack === undefined) return {};
  const { bucket } = stack.s3;
  const { workgroup, database } = stack.redshiftData;
  return { bucket, workgroup, database, iamRole: 'default' };
}

const KEYS = ['bucket', 'prefix', ...WAREHOUSE, 'database', 'iamRole'] as const;

const pick = (values: object): Known =>
  defined(
    Object.fromEntries(
      KEYS.map((key) => [key, (values as Readonly<Record<string, string | undefined>>)[key]]),
    ),
  );

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

const without = (values: Known, keys: readonly string[]): Known =>
  Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));

const SHAPE: Readonly<Record<string, z.ZodType>> = {
  ...StagingDefinition.shape,
  ...WarehouseDefinition.shape,
};

/** What is wrong with a setting's value. */
const checkOf =
  (key: (typeof KEYS)[number]) =>
  (value: string): string | undefined => {
    const issue = SHAPE[key]?.safeParse(value).error?.issues[0];
    return issue === undefined ? undefined : `Expected ${issue.message}.`;
  };

function refuseInvalid(given: Known): void {
  for (const [key, value] of Object.entries(given)) {
    const wrong = checkOf(key as (typeof KEYS)[number])(value);
    if (wrong === undefined) continue;
    const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new CommandError(ExitCode.usage, `--${flag} ${value}: ${wrong}`);
  }
}
