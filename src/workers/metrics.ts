import { isIP } from 'node:net';
import type { RuntimeOptions } from '@temporalio/worker';
import { Terminal } from '../clients/errors.ts';

const ADDRESS = 'TRIBUTARY_METRICS_ADDRESS';

/**
 * Where Prometheus scrapes a worker's metrics: the environment's TRIBUTARY_METRICS_ADDRESS (`0.0.0.0:9464`, path
 * `/metrics`). They are those of Temporal's SDK and those of `src/activities/runtime/metrics.ts`. Unset: no metrics.
 * @throws Terminal BadEnvironment if the value is not an IP address and a port.
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
      `${ADDRESS} must be an IP address and a port, such as 0.0.0.0:9464; it is ${JSON.stringify(bindAddress)}.`,
    );
  }
  return { telemetryOptions: { metrics: { prometheus: { bindAddress, countersTotalSuffix: true } } } };
}
