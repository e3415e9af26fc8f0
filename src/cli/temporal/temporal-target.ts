import { dirname, resolve } from 'node:path';
import { type StackAddresses, stackEnvironment } from '../../../local/stack/addresses.ts';
import { LocalState } from '../../../local/stack/local-state.ts';
import { type TemporalOptions, temporalOptions } from '../../workers/temporal-options.ts';

/** The Temporal server that commands use. */
export interface TemporalTarget {
  /** host:port */
  readonly address: string;
  readonly namespace: string;
  /** URL of the Web UI, if known. */
  readonly ui?: string;
  /** The source of the address, for messages. */
  readonly from: string;
  /** TLS, API key and so on, from Temporal's own environment variables or profile. */
  readonly connection?: TemporalOptions['connection'];
}

const ADDRESS_VARIABLES = [
  'TRIBUTARY_TEMPORAL_ADDRESS',
  'TRIBUTARY_TEMPORAL_NAMESPACE',
  'TRIBUTARY_DYNAMODB_ENDPOINT',
  'TRIBUTARY_S3_ENDPOINT',
  'TRIBUTARY_REDSHIFT_DATA_ENDPOINT',
];

/** Temporal's own variables: an address, or a profile of the `temporal` CLI. */
const TEMPORAL_VARIABLES = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE'];

export interface LocalStack {
  readonly file: string;
  readonly addresses: StackAddresses;
  readonly environment: Record<string, string>;
}

/**
 * The stack running in the configuration file's directory, else the one in the working directory, where `local start`
 * puts it.
 */
export function runningStack(
  configFile: string,
  workingDirectory: string = process.cwd(),
): LocalStack | undefined {
  for (const directory of [dirname(resolve(configFile)), workingDirectory]) {
    const state = new LocalState(directory);
    const addresses = state.runningAddresses();
    if (addresses !== undefined)
      return { file: state.addressesFile, addresses, environment: stackEnvironment(addresses) };
  }
  return undefined;
}

/** The variable that points the commands elsewhere although this stack is running. */
export function addressedBy(environment: NodeJS.ProcessEnv, { addresses }: LocalStack): string | undefined {
  // It may be set to this stack's own address, for the stock CLI.
  const isThis = environment.TEMPORAL_ADDRESS === addresses.temporal.address;
  return [...ADDRESS_VARIABLES, ...(isThis ? [] : TEMPORAL_VARIABLES)].find((name) => environment[name]);
}

/** The running stack, unless the environment sets addresses: these take precedence. */
export function localStackFor(
  configFile: string,
  environment: NodeJS.ProcessEnv = process.env,
  workingDirectory: string = process.cwd(),
): LocalStack | undefined {
  const stack = runningStack(configFile, workingDirectory);
  return stack === undefined || addressedBy(environment, stack) !== undefined ? undefined : stack;
}

/** The address of the environment, else of the local stack, else Temporal's default on this machine. */
export function temporalTarget(
  stack: LocalStack | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): TemporalTarget {
  if (stack !== undefined) return { ...stack.addresses.temporal, from: stack.file };
  const { connection, namespace, from } = temporalOptions(environment);
  return { address: connection.address, namespace, from, connection };
}

/** A workflow's page in the Web UI. */
export const workflowPage = ({ ui, namespace }: TemporalTarget, workflowId: string): string | undefined =>
  ui === undefined
    ? undefined
    : `${ui}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
