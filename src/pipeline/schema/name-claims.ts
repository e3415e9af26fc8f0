import { z } from 'zod';
import { columnIdentity } from '../columns/column-names.ts';
import { Form } from '../columns/layout.ts';
import type { Path } from '../item/path.ts';
import { type AgreedSchema, agreedTable } from './agreed-schema.ts';
import { epochOf } from './epoch.ts';

/**
 * `schema/claims.json`: names that runs assigned at their seals, and that become part of the agreed schema only when they
 * go live. Until then, no other run gives a claimed name to another path, or another name to a claimed path. A claim
 * ends when its run goes live, when a later run does, and with the epoch.
 */

const NameClaim = z.object({
  /** The run or inference. */
  by: z.string(),
  /** When it started to read, ISO 8601. */
  at: z.string(),
  epoch: z.number().int().positive().optional(),
  tables: z.array(z.object({ path: z.string(), name: z.string() })),
  columns: z.array(z.object({ table: z.string(), path: z.string(), form: Form, name: z.string() })),
});
export type NameClaim = z.infer<typeof NameClaim>;

export const NameClaims = z.object({ version: z.literal(1), claims: z.array(NameClaim) });
export type NameClaims = z.infer<typeof NameClaims>;

/** What claims its names. */
export type Claimant = Pick<NameClaim, 'by' | 'at' | 'epoch'>;

/** What a claimant would add to the agreed schema, or rename in it. */
export function claimOf(
  before: AgreedSchema | undefined,
  after: Pick<AgreedSchema, 'tables'>,
  { by, at, epoch }: Claimant,
): NameClaim {
  return {
    ...{ by, at, ...(epoch === undefined ? {} : { epoch }) },
    tables: after.tables.flatMap(({ path, name }) =>
      agreedTable(before, path)?.name === name ? [] : [{ path, name }],
    ),
    columns: after.tables.flatMap(({ path: table, columns }) => {
      const known = new Map(
        agreedTable(before, table)?.columns.map((column) => [columnIdentity(column), column.name]),
      );
      return columns.flatMap(({ path, form, name }) =>
        known.get(columnIdentity({ path, form })) === name ? [] : [{ table, path, form, name }],
      );
    }),
  };
}

/** The claims with another one, in place of an earlier claim of the same claimant. Undefined if there are none. */
export function withClaim(before: NameClaims | undefined, claim: NameClaim): NameClaims | undefined {
  const others = claimsIn(before, claim).filter(({ by }) => by !== claim.by);
  const isEmpty = claim.tables.length === 0 && claim.columns.length === 0;
  const claims = isEmpty ? others : [...others, claim];
  return before === undefined && claims.length === 0 ? undefined : { version: 1, claims };
}

/** The claims without that of a run that went live, and without those of all earlier runs. */
export function withoutClaims(
  before: NameClaims | undefined,
  { by, at }: Pick<NameClaim, 'by' | 'at'>,
): NameClaims | undefined {
  if (before === undefined) return undefined;
  return {
    version: 1,
    claims: before.claims.filter((claim) => claim.by !== by && Date.parse(claim.at) > Date.parse(at)),
  };
}

/** The claims of the claimant's epoch, its own first. */
export function claimsIn(claims: NameClaims | undefined, { by, epoch }: Omit<Claimant, 'at'>): NameClaim[] {
  const all = claims?.claims.filter((claim) => epochOf(claim) === epochOf({ epoch })) ?? [];
  return [...all.filter((claim) => claim.by === by), ...all.filter((claim) => claim.by !== by)];
}

/** Adds claimed names to the agreed ones, which take precedence. The other claimed names are left: nothing else gets them. */
export function addClaimed(
  given: Map<string, string>,
  claimed: Iterable<{ readonly id: string; readonly name: string }>,
): string[] {
  const taken = new Set(given.values());
  const left: string[] = [];
  for (const { id, name } of claimed) {
    if (given.has(id) || taken.has(name)) {
      if (given.get(id) !== name && !taken.has(name)) left.push(name);
      continue;
    }
    given.set(id, name);
    taken.add(name);
  }
  return left;
}

/** The claimed names of tables. */
export const claimedTables = (claims: readonly NameClaim[] = []) =>
  claims.flatMap(({ tables }) => tables.map(({ path, name }) => ({ id: path, name })));

/** The claimed names of a table's columns. */
export const claimedColumns = (claims: readonly NameClaim[] | undefined, table: Path) =>
  (claims ?? []).flatMap(({ columns }) =>
    columns.flatMap((column) => (column.table === table ? [{ ...column, id: columnIdentity(column) }] : [])),
  );
