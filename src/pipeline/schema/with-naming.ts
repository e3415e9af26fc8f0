import { type Mapping, namingOf } from '../mapping/mapping.ts';
import { FIRST_NAMING, type Naming } from '../sql/naming.ts';
import type { AgreedSchema } from './agreed-schema.ts';

const NAMING_OF_NEW_PIPELINES: Naming = 'snake_case';

/** The mapping with the naming that a plan settles: its own or, if absent, the one that the agreed schema began with. */
export function withNaming(mapping: Mapping, agreed: Pick<AgreedSchema, 'naming'> | undefined): Mapping {
  const begun = agreed === undefined ? NAMING_OF_NEW_PIPELINES : (agreed.naming ?? FIRST_NAMING);
  return { ...mapping, naming: mapping.naming ?? begun };
}

/** The mapping of a replay with the naming that it settles: its own or, if absent, that of the run it replays. */
export function withNamingOf(mapping: Mapping, replayed: Mapping): Mapping {
  return { ...mapping, naming: mapping.naming ?? namingOf(replayed) };
}
