import { ServiceError } from './service-error.ts';

interface CallTarget {
  WorkgroupName?: string | undefined;
  ClusterIdentifier?: string | undefined;
  SecretArn?: string | undefined;
  DbUser?: string | undefined;
  Database?: string | undefined;
}

/** One workgroup and one database are served; a cluster of the workgroup's name is accepted. */
export interface ServedTarget {
  workgroup: string;
  database: string;
}

/** @throws ValidationException, as the service does here, and not ResourceNotFoundException. */
export function checkTarget(request: CallTarget, served: ServedTarget): void {
  const { WorkgroupName: workgroup, ClusterIdentifier: cluster } = request;
  if (workgroup !== undefined && cluster !== undefined)
    throw new ServiceError(
      'ValidationException',
      'Only one of WorkgroupName and ClusterIdentifier can be given',
    );
  const name = workgroup ?? cluster;
  if (name === undefined) {
    throw new ServiceError(
      'ValidationException',
      'Either ClusterIdentifier, WorkgroupName or SessionId must be provided.',
    );
  }
  // A workgroup may be named by its ARN, which does not contain the name: any ARN is accepted.
  if (name !== served.workgroup && !/^arn:aws[\w-]*:redshift-serverless:/.test(name))
    throw new ServiceError('ValidationException', "Redshift endpoint doesn't exist in this region.");
  if (cluster !== undefined && request.DbUser === undefined && request.SecretArn === undefined)
    throw new ServiceError('ValidationException', 'DbUser or SecretArn is required with ClusterIdentifier');
  checkDatabase(request.Database, served);
}

export function checkDatabase(database: string | undefined, served: ServedTarget): void {
  if (database === undefined) throw new ServiceError('ValidationException', 'Database is required');
  if (database !== served.database)
    throw new ServiceError('ValidationException', `FATAL: database "${database}" does not exist`);
}

/** Where a statement ran, as answers repeat it. */
export function targetOf(request: {
  database: string;
  workgroupName?: string | undefined;
  clusterIdentifier?: string | undefined;
  dbUser?: string | undefined;
  secretArn?: string | undefined;
}): object {
  return {
    Database: request.database,
    ...(request.workgroupName === undefined ? {} : { WorkgroupName: request.workgroupName }),
    ...(request.clusterIdentifier === undefined ? {} : { ClusterIdentifier: request.clusterIdentifier }),
    ...(request.dbUser === undefined ? {} : { DbUser: request.dbUser }),
    ...(request.secretArn === undefined ? {} : { SecretArn: request.secretArn }),
  };
}
