import { profiles as production } from '../../src/workflows/profiles.ts';

/**
 * The production profiles with shorter times: the chaos test's workflows are bundled with this module in the
 * place of the other. A dead worker is noticed, and a failure tried again, within seconds instead of minutes.
 */
const quick = {
  heartbeatTimeout: '2s',
  retry: { initialInterval: '200ms', backoffCoefficient: 1.5, maximumInterval: '1s' },
} as const;

export const profiles = Object.fromEntries(
  Object.entries(production).map(([name, profile]) => [name, { ...profile, ...quick }]),
);
