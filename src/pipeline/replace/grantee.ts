import type { Grant } from './catalogue.ts';

/**
 * What a grant's identity is to a copy of the grant. Users, groups and roles of every other name can be granted to, those
 * of identity providers (`IAM:…`, `IAMR:…`, `AWSIDC:…`) and system-defined roles (`sys:…`) included.
 * - `datashare`: a role or user that Redshift keeps for a datashare and its consumers. No one may grant to it, and it shows
 *   that the object is shared.
 * - `internal`: `rdsdb`, Redshift's own superuser, who needs no grants.
 * - `gone`: the catalogue no longer names it.
 * - `unknown`: neither a user, nor a group, a role or PUBLIC.
 *
 * https://docs.aws.amazon.com/redshift/latest/dg/r_roles-default.html
 */
export type Grantee = 'grantable' | 'datashare' | 'internal' | 'gone' | 'unknown';

const OF_A_DATASHARE = 'ds:';

export function granteeOf({ identity, identityType }: Grant): Grantee {
  if (identityType === 'public') return 'grantable';
  if (identity === '') return 'gone';
  if (identity.startsWith(OF_A_DATASHARE)) return 'datashare';
  if (identityType === 'other') return 'unknown';
  return identityType === 'user' && identity === 'rdsdb' ? 'internal' : 'grantable';
}

/** The datashare's name, of its role. */
export const datashareOf = ({ identity }: Grant) => identity.slice(OF_A_DATASHARE.length);
