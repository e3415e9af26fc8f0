import { Terminal } from '../../clients/errors.ts';
import { keyedHash, keyId } from '../../pipeline/item/keyed-hash.ts';
import { type Hiding, isHashing } from '../../pipeline/mapping/hide/hiding.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import type { Plan } from '../../pipeline/run/plan.ts';

/** A shorter key can be guessed, and with it every value that is hashed. */
const LEAST_CHARACTERS = 32;

const HOW =
  'Create one, for example with "openssl rand -hex 32", keep it where you keep passwords, and set TRIBUTARY_HASH_KEY to it ' +
  'for every worker.';

/**
 * The worker's key, from TRIBUTARY_HASH_KEY; undefined if it is unset or empty. A bad key stops the worker before it takes
 * work that others can do.
 * @throws Terminal `BadEnvironment` if it is too short
 */
export function hashKeyFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const key = environment.TRIBUTARY_HASH_KEY || undefined;
  if (key !== undefined) refuseShort(key);
  return key;
}

/**
 * The id of the key with which a mapping hashes values; undefined if it hashes none.
 * @throws Terminal `HashKeyMissing`, `BadEnvironment`
 */
export function hashKeyId(key: string | undefined, mapping: Mapping): string | undefined {
  return isHashing(mapping) ? keyId(validKey(key, mapping)) : undefined;
}

/**
 * How a run hides values. Call it before anything is read.
 * @param key the worker's
 * @throws Terminal `HashKeyMissing`, `BadEnvironment`; `HashKeyDiffers` if the run was planned with another key
 */
export function hidingOf(
  key: string | undefined,
  { definition, run, hashKeyId: planned }: Plan,
): Hiding | undefined {
  const { mapping } = definition;
  if (!isHashing(mapping)) return undefined;
  const valid = validKey(key, mapping);
  if (keyId(valid) !== planned) {
    throw new Terminal(
      'HashKeyDiffers',
      `Run ${run} was planned with another TRIBUTARY_HASH_KEY than this worker has, so equal values would get different ` +
        'hashes. Nothing was read. Give all workers the same key and restart them; to change the key, start a new run.',
    );
  }
  return { hash: keyedHash(valid) };
}

/**
 * How values are hidden that are recorded as they arrive, with the id of the worker's key. Undefined if the mapping hashes none.
 * @throws Terminal `HashKeyMissing`, `BadEnvironment`
 */
export function hidingNow(
  key: string | undefined,
  mapping: Mapping,
): { readonly hiding: Hiding; readonly hashKeyId: string } | undefined {
  if (!isHashing(mapping)) return undefined;
  const valid = validKey(key, mapping);
  return { hiding: { hash: keyedHash(valid) }, hashKeyId: keyId(valid) };
}

function validKey(key: string | undefined, { columns }: Mapping): string {
  const [path] = Object.keys(columns).filter((each) => columns[each]?.hash);
  if (key === undefined || key === '') {
    throw new Terminal(
      'HashKeyMissing',
      `The mapping sets hash for ${path}, but the environment of this worker has no TRIBUTARY_HASH_KEY. Nothing was read. ${HOW}`,
    );
  }
  refuseShort(key);
  return key;
}

function refuseShort(key: string): void {
  if (key.length >= LEAST_CHARACTERS) return;
  throw new Terminal(
    'BadEnvironment',
    `TRIBUTARY_HASH_KEY has ${key.length} characters. With fewer than ${LEAST_CHARACTERS}, it could be guessed. ${HOW}`,
  );
}
