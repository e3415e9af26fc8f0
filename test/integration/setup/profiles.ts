import { profiles as production } from '../../../src/workflows/profiles.ts';

export { intervals } from '../../../src/workflows/profiles.ts';

/**
 * The production profiles with shorter times; the integration tests bundle their workflows with this module instead of
 * them. The heartbeat timeout is still several times as long as a busy machine may keep a live worker waiting.
 */
const quick = {
  heartbeatTimeout: '10s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '2s' },
} as const;

export const profiles = Object.fromEntries(
  Object.entries(production).map(([name, profile]) => [name, { ...profile, ...quick }]),
);
