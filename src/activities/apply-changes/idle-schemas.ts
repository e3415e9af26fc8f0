import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import type { SchemaInUse } from './schema-in-use.ts';

/** What a schema had when nothing was left to apply to it. */
export interface IdleSchema extends Pick<SchemaInUse, 'schema' | 'marker' | 'positions'> {
  /** The gaps that come next, by shard. */
  readonly gaps: ReadonlyMap<string, string>;
}

/**
 * The schemas to which this worker found nothing to apply. A quiet destination waits by what they had, so that it does not
 * keep a serverless warehouse awake. The workflow names what its last round found, so what another worker found or changed
 * since then is never taken for it.
 */
export class IdleSchemas {
  readonly #idle = new Map<string, { readonly token: string; readonly found: IdleSchema }>();

  /** @param of names the destination @returns the name of what was found, for `find` */
  keep(of: string, found: IdleSchema): string {
    const positions = found.positions.map((each) => JSON.stringify(each)).sort();
    const token = fingerprint(JSON.stringify([found.schema, found.marker.run, positions]), 16);
    this.#idle.set(of, { token, found });
    return token;
  }

  /** Undefined if this worker has not found it. */
  find(of: string, token: string | undefined): IdleSchema | undefined {
    const idle = this.#idle.get(of);
    return token !== undefined && idle?.token === token ? idle.found : undefined;
  }
}
