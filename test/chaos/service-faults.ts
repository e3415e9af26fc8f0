import type { Fault } from '../../local/fault-proxy/fault.ts';
import { FaultSchedule } from '../../local/fault-proxy/fault-schedule.ts';
import type { Call } from '../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../local/fault-proxy/services.ts';
import type { Conditions } from './conditions.ts';

const MAX_LATENCY_MILLISECONDS = 100;

/** The faults that a schedule's workers meet on their way to the services. */
export class ServiceFaults {
  isStopped = false;
  readonly #schedules: ReadonlyMap<Service, FaultSchedule>;

  /** @param services that fail; to all others, every call gets through */
  constructor(services: readonly Service[], { seed, rates }: Pick<Conditions, 'seed' | 'rates'>) {
    this.#schedules = new Map(
      services.map((service) => [
        service,
        new FaultSchedule({ service, seed, rates, maxLatencyMilliseconds: MAX_LATENCY_MILLISECONDS }),
      ]),
    );
  }

  next(service: Service, call: Call): Fault {
    return this.#schedules.get(service)?.next(call.operation) ?? { kind: 'none' };
  }

  /** From now on, there are none. */
  stop(): void {
    this.isStopped = true;
    for (const schedule of this.#schedules.values()) schedule.stop();
  }

  /** How often each kind was injected, once for each service. */
  get injected(): (readonly [kind: string, n: number])[] {
    return [...this.#schedules.values()].flatMap(({ injected }) => Object.entries(injected));
  }
}
