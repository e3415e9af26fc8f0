import { dirname, resolve } from 'node:path';
import { type StackAddresses, stackEnvironment } from '../../../local/stack/addresses.ts';
import { LocalState } from '../../../local/stack/local-state.ts';
import { type TemporalOptions, temporalOptions } from '../../workers/temporal-options.ts';

/** Which Temporal server the commands talk to. */
export interface TemporalTarget {
  /** host:port */
  readonly address: string;
  readonly namespace: string;
  /** The Web UI, where it is known. */
  readonly ui?: string;
  /** Where the address comes from, for messages. */
  readonly from: string;
  /** TLS, API key and the like, where Temporal's own environment or profile names them. */
  readonly connection?: TemporalOptions['connection'];
}

const ADDRESS_VARIABLES = [
  'TRIBUTARY_TEMPORAL_ADDRESS',
  'TRIBUTARY_TEMPORAL_NAMESPACE',
  'TRIBUTARY_DYNAMODB_ENDPOINT',
  'TRIBUTARY_S3_ENDPOINT',
  'TRIBUTARY_REDSHIFT_DATA_ENDPOINT',
];

/** A server is named by its address, or by a profile of the `temporal` CLI. */
const TEMPORALS_OWN = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE'];

export interface LocalStack {
  readonly file: string;
  readonly addresses: StackAddresses;
  readonly environment: Record<string, string>;
}

/**
 * The stack that runs on this machine beside a configuration file, else the one of the working directory, where
 * `local start` puts it.
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

/** The variable by which a person has the commands go elsewhere, though this stack runs here. */
export function addressedBy(environment: NodeJS.ProcessEnv, { addresses }: LocalStack): string | undefined {
  // Set for the stock CLI, it may well name this stack.
  const isThis = environment.TEMPORAL_ADDRESS === addresses.temporal.address;
  return [...ADDRESS_VARIABLES, ...(isThis ? [] : TEMPORALS_OWN)].find((name) => environment[name]);
}

/** The running stack, unless the environment names addresses: what a person has set comes first. */
export function localStackFor(
  configFile: string,
  environment: NodeJS.ProcessEnv = process.env,
  workingDirectory: string = process.cwd(),
): LocalStack | undefined {
  const stack = runningStack(configFile, workingDirectory);
  return stack === undefined || addressedBy(environment, stack) !== undefined ? undefined : stack;
}

/** The environment's address first, then the local stack's, then Temporal's usual one on this machine. */
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
