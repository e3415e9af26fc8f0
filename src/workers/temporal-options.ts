import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';

/** How to reach Temporal: options for both `Connection.connect` and `NativeConnection.connect`. */
export interface TemporalOptions {
  readonly connection: ClientConnectConfig['connectionOptions'] & { readonly address: string };
  readonly namespace: string;
  /** Where the address comes from, for messages. */
  readonly from: string;
}

const DEFAULT_TEMPORAL_ADDRESS = '127.0.0.1:7233';

/**
 * TRIBUTARY_TEMPORAL_ADDRESS and TRIBUTARY_TEMPORAL_NAMESPACE name a server without TLS, and every other setting is then
 * ignored: settings for a local stack must never mix with those of another server. Without them, the same settings as
 * for the `temporal` CLI apply: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS…, and the profile
 * that TEMPORAL_PROFILE names in its configuration file.
 * https://docs.temporal.io/develop/environment-configuration
 */
export function temporalOptions(environment: NodeJS.ProcessEnv): TemporalOptions {
  const { TRIBUTARY_TEMPORAL_ADDRESS: address, TRIBUTARY_TEMPORAL_NAMESPACE: namespace } = environment;
  if (address) {
    return { connection: { address }, namespace: namespace || 'default', from: 'TRIBUTARY_TEMPORAL_ADDRESS' };
  }
  const set = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const profile = loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  const found = profile.connectionOptions.address;
  return {
    connection: { ...profile.connectionOptions, address: found ?? DEFAULT_TEMPORAL_ADDRESS },
    namespace: namespace || profile.namespace || 'default',
    from: found === undefined ? 'the default address' : "Temporal's own environment or profile",
  };
}
