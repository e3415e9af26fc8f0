import { type intervals as ofProduction, profiles as production } from '../../src/workflows/profiles.ts';

/**
 * The production profiles with shorter times; the chaos test bundles its workflows with this module instead of them.
 * Dead workers are noticed, and failures retried, within seconds instead of minutes.
 */
export function quickProfiles(heartbeatTimeout: '2s' | '8s') {
  const retry = { initialInterval: '200ms', backoffCoefficient: 1.5, maximumInterval: '1s' } as const;
  return Object.fromEntries(
    Object.entries(production).map(([name, profile]) => [name, { ...profile, heartbeatTimeout, retry }]),
  );
}

export const profiles = quickProfiles('2s');

export const intervals: Record<keyof typeof ofProduction, unknown> = {
  followStaging: '10s',
  followedRunsMs: 15_000,
  inspectionMs: { first: 2_000, most: 4_000 },
};
