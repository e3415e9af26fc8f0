import type { ServiceFaults } from './service-faults.ts';
import type { WarehouseFaults } from './warehouse-faults.ts';
import type { WorkerHost } from './worker-host.ts';

interface Injecting {
  readonly faults: ServiceFaults;
  /** Absent: the system has none. */
  readonly warehouse?: WarehouseFaults;
  readonly hosts: readonly WorkerHost[];
}

/** How often each kind of fault hit, together with what a system counts itself. A kind that never did is left out. */
export function injectedFaults(
  { faults, warehouse, hosts }: Injecting,
  ...own: readonly (readonly [kind: string, n: number])[]
): Record<string, number> {
  const all: Record<string, number> = {};
  const ofTemporal = hosts.flatMap(({ temporal: { injected } }) => [
    ['temporal reset', injected.reset] as const,
    ['temporal latency', injected.latency] as const,
  ]);
  for (const [kind, n] of [...own, ...faults.injected, ...(warehouse?.struck ?? []), ...ofTemporal]) {
    if (n > 0) all[kind] = (all[kind] ?? 0) + n;
  }
  return all;
}
