import { quoteIdentifier } from '../sql/identifier.ts';
import type { DefaultGrant, Grant } from './catalogue.ts';
import { isCarried } from './grants-plan.ts';
import type { Accounted, LiveSchema } from './inventory.ts';

/** Someone whom the swap's statements name: a grantee, or the user whose new objects a default privilege is for. */
export interface Identity {
  readonly name: string;
  readonly type: 'user' | 'group' | 'role';
  /** What names it, e.g. `SELECT on nobel.laureates`. */
  readonly uses: readonly string[];
}

/**
 * Everyone whom the swap's statements name, and who may no longer exist: DROP USER looks for privileges in the current
 * database only. Owners are read from pg_user, so they exist.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_USER.html
 */
export function identitiesOf({ schema, catalogue, surroundings, boundViews }: LiveSchema): Identity[] {
  const { loader, defaultGrantsEverywhere } = surroundings;
  const found = new Map<string, { name: string; type: Identity['type']; uses: Set<string> }>();
  const note = (grant: Grant, use: string) => {
    const { identity: name, identityType: type } = grant;
    if (type === 'public' || type === 'other' || !isCarried(grant)) return;
    if (type === 'user' && name === loader.name) return;
    const key = JSON.stringify([type, name]);
    const known = found.get(key) ?? { name, type, uses: new Set() };
    found.set(key, known);
    known.uses.add(use);
  };
  const noteDefault = (grant: DefaultGrant, where: string) => {
    const use = `${grant.privilege} on new objects of ${grant.owner} in ${where}`;
    note(grant, use);
    note({ ...grant, identity: grant.owner, identityType: 'user' }, use);
  };
  for (const grant of catalogue.schemaGrants) note(grant, `${grant.privilege} on schema ${schema}`);
  for (const grant of [...catalogue.relationGrants, ...catalogue.columnGrants])
    note(grant, `${grant.privilege} on ${schema}.${grant.relation}`);
  for (const grant of catalogue.defaultGrants) noteDefault(grant, `schema ${schema}`);
  for (const view of boundViews) {
    for (const grant of [...view.grants, ...view.columnGrants])
      note(grant, `${grant.privilege} on ${view.schema}.${view.name}`);
    for (const grant of view.defaultGrants) noteDefault(grant, `schema ${view.schema}`);
  }
  // Redshift grants these on every new table. Those that live's tables lack are revoked before the swap.
  for (const grant of defaultGrantsEverywhere)
    if (grant.owner === loader.name) noteDefault(grant, 'every schema');
  return [...found.values()].map((one) => ({ ...one, uses: [...one.uses] }));
}

const MOST_USES = 3;
const CREATE: Readonly<Record<Identity['type'], (quoted: string) => string>> = {
  user: (quoted) => `CREATE USER ${quoted} PASSWORD DISABLE`,
  group: (quoted) => `CREATE GROUP ${quoted}`,
  role: (quoted) => `CREATE ROLE ${quoted}`,
};

/** Someone to whom nothing can be granted. @param reason Redshift's */
export function refusedIdentity({ name, type, uses }: Identity, reason: string): Accounted {
  const more = uses.length > MOST_USES ? ` and ${uses.length - MOST_USES} more` : '';
  return {
    what: `privileges of ${type} ${name}, whom Redshift does not accept in a GRANT: ${uses.slice(0, MOST_USES).join(', ')}${more}: ${reason}`,
    disposition: {
      kind: 'stopper',
      whatToDo:
        `create the ${type} (${CREATE[type](quoteIdentifier(name))}), or revoke the privileges where they were granted, ` +
        'because the new tables cannot be given them',
    },
  };
}
