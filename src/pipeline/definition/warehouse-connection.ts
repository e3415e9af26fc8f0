import { z } from 'zod';
import { ClusterIdentifier, SecretArn, WorkgroupName } from './aws-names.ts';

/** Settings that a pipeline's `warehouse` and a loader's `target` share. */

/** Which warehouse, and as whom. */
export const WAREHOUSE_CONNECTION = {
  workgroup: WorkgroupName.optional().describe('The Redshift Serverless workgroup.'),
  cluster: ClusterIdentifier.optional().describe(
    'The identifier of a provisioned cluster, instead of a workgroup.',
  ),
  dbUser: z.string().optional().describe('The database user on a provisioned cluster.'),
  secretArn: SecretArn.optional().describe('The Secrets Manager secret with the database credentials.'),
};

export const DatabaseName = z.string().min(1);

const name = /^[a-z_][a-z0-9_$]{0,126}$/;

/** The schema of tables that Tributary writes beside others. */
export const SchemaName = z
  .string()
  .regex(name, 'a schema name: lower-case letters, digits and _')
  .refine(
    (schema) => !/^(?:information_schema|catalog_history|pg_.*)$/.test(schema),
    'a schema of your own, not one of the warehouse itself',
  );

/** A table that is not one of Tributary's own. */
export const TableName = z
  .string()
  .regex(name, 'a table name: lower-case letters, digits and _')
  .refine(
    (table) => !table.startsWith('_tributary_'),
    "a table of your own: names that begin with _tributary_ are Tributary's",
  );

export const TerminateBlockers = z
  .array(z.string().min(1))
  .default([])
  .describe('Database users whose sessions may be ended if they block a statement; default: none.');

interface Addresses {
  readonly workgroup?: unknown;
  readonly cluster?: unknown;
}

/** The settings, with exactly one of `workgroup` and `cluster`. */
export const withOneAddress = <Settings extends z.ZodType<Addresses>>(settings: Settings): Settings =>
  settings.refine(({ workgroup, cluster }) => (workgroup === undefined) !== (cluster === undefined), {
    message: 'exactly one of workgroup and cluster',
    path: ['workgroup'],
    // Reported together with the map's other problems, not only after those are fixed.
    when: ({ value }) => typeof value === 'object' && value !== null,
  });
