import { deniedAction, type ErrorCase } from '../aws/aws-error-cases.ts';
import type { PartitionFailure } from '../catalogue.ts';

/** What Glue's errors mean for a table. https://docs.aws.amazon.com/glue/latest/webapi/CommonErrors.html */
export const glueCases = (table: string): readonly ErrorCase[] => [
  {
    names: ['ConcurrentModificationException'],
    code: 'WriteConflict',
    advice: 'Another process changed it at the same time. This is retried.',
  },
  {
    names: ['OperationTimeoutException'],
    code: 'TimedOut',
    advice: 'Glue did not answer in time. This is retried.',
  },
  {
    names: ['InternalServiceException'],
    code: 'ServiceFailed',
    advice: 'Glue reported an internal error. This is retried.',
  },
  {
    names: ['EntityNotFoundException'],
    code: 'WriteConflict',
    advice: `${table} was deleted meanwhile. This is retried, and creates it again.`,
  },
  {
    names: ['AccessDeniedException'],
    code: 'AccessDenied',
    advice: (attempt, message) =>
      `Allow ${deniedAction(attempt, message)} for the worker’s identity on the catalogue, the database and the table; if Lake Formation manages the database, grant the same there. docs/aws.md has the policy.`,
  },
  {
    names: ['GlueEncryptionException'],
    code: 'AccessDenied',
    advice:
      'The catalogue is encrypted with a KMS key that the worker’s identity cannot use. Allow kms:Decrypt and kms:GenerateDataKey with it.',
  },
  {
    names: ['ResourceNumberLimitExceededException'],
    code: 'Refused',
    advice: 'A quota of the Glue Data Catalog is used up. Ask AWS to raise it, or delete what is not needed.',
  },
];

/** Codes of entries that waiting may help. */
const TRANSIENT = new Set([
  'ConcurrentModificationException',
  'InternalServiceException',
  'InternalFailure',
  'OperationTimeoutException',
  'ResourceNotReadyException',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
]);

/** What the error of one entry of a successful call means. */
export function entryKind(code: string): PartitionFailure['kind'] {
  if (code === 'AlreadyExistsException') return 'exists';
  if (code === 'EntityNotFoundException') return 'missing';
  return TRANSIENT.has(code) ? 'transient' : 'refused';
}
