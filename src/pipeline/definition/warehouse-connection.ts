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
