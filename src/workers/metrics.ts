import { isIP } from 'node:net';
import type { RuntimeOptions } from '@temporalio/worker';
import { Terminal } from '../clients/errors.ts';

const ADDRESS = 'TRIBUTARY_METRICS_ADDRESS';

/**
 * Where Prometheus fetches a worker's metrics, by the environment's TRIBUTARY_METRICS_ADDRESS (`0.0.0.0:9464`, path
 * `/metrics`): those of Temporal's SDK, and what `src/activities/runtime/metrics.ts` counts. None where it is not set.
 * @throws Terminal BadEnvironment saying what was expected.
 */
export function telemetryOptions(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<RuntimeOptions, 'telemetryOptions'> {
  const bindAddress = environment[ADDRESS];
  if (bindAddress === undefined || bindAddress === '') return {};
  const { ip = '', port = '' } = /^\[?(?<ip>[^\]]+?)\]?:(?<port>\d{1,5})$/.exec(bindAddress)?.groups ?? {};
  if (isIP(ip) === 0 || Number(port) < 1 || Number(port) > 65_535) {
    throw new Terminal(
      'BadEnvironment',
      `${ADDRESS}: an IP address and a port such as 0.0.0.0:9464 was expected, where ${JSON.stringify(bindAddress)} stands.`,
    );
  }
  return { telemetryOptions: { metrics: { prometheus: { bindAddress, countersTotalSuffix: true } } } };
}
