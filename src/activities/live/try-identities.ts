import type { Warehouse } from '../../clients/warehouse.ts';
import { grantee } from '../../pipeline/replace/grant-sql.ts';
import type { Identity } from '../../pipeline/replace/identities.ts';
import { refusedTexts } from './try-statements.ts';

/**
 * Whether Redshift can still name those whom its catalogue names. It is tried, because the lists of groups and roles are
 * not complete for every user.
 * @returns those to whom nothing can be granted, with Redshift's reason.
 */
export async function identitiesThatFail(
  database: Warehouse,
  identities: readonly Identity[],
  signal: AbortSignal,
): Promise<{ readonly identity: Identity; readonly reason: string }[]> {
  const textOf = ({ name: identity, type: identityType }: Identity) =>
    grantee('GRANT', { identity, identityType, privilege: 'USAGE', grantOption: false });
  const refused = await refusedTexts(
    database,
    {
      what: 'grantees',
      texts: identities.map(textOf),
      statement: (text, schema) => `GRANT USAGE ON SCHEMA ${schema} ${text}`,
    },
    signal,
  );
  return identities.flatMap((identity) => {
    const reason = refused.get(textOf(identity));
    return reason === undefined ? [] : [{ identity, reason }];
  });
}
