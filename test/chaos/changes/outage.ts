import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';

/** The schemas whose statements the warehouse refuses at the moment. */
export class Outage {
  /** What a refused call contains. */
  readonly #refused = new Set<string>();

  /** @param schema all of them contain the empty text */
  begin(schema = ''): void {
    this.#refused.add(schema);
  }

  end(schema = ''): void {
    this.#refused.delete(schema);
  }

  hits(service: Service, call: Call): boolean {
    return service === 'redshift-data' && [...this.#refused].some((schema) => call.body.includes(schema));
  }
}
