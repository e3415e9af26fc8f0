import { dirname, resolve } from 'node:path';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import { LocalState } from '../../local/stack/local-state.ts';
import { type TemporalOptions, temporalOptions } from '../workers/temporal-options.ts';

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

export interface LocalStack {
  readonly file: string;
  readonly addresses: StackAddresses;
  readonly environment: Record<string, string>;
}

/** The stack on this machine that lives beside a configuration file, unless the environment names addresses. */
export function localStackBeside(
  configFile: string,
  environment: NodeJS.ProcessEnv = process.env,
): LocalStack | undefined {
  if (ADDRESS_VARIABLES.some((name) => environment[name])) return undefined;
  const state = new LocalState(dirname(resolve(configFile)));
  const addresses = state.runningAddresses();
  if (addresses === undefined) return undefined;
  return { file: state.addressesFile, addresses, environment: stackEnvironment(addresses) };
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
