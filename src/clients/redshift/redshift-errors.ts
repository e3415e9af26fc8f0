import type { ErrorCase } from '../aws/aws-error-cases.ts';

/** Limits and faults of the Data API itself, all of which are transient. */
const TRANSIENT_CASES: readonly ErrorCase[] = [
  {
    names: [
      'ActiveSessionsExceededException',
      'ActiveStatementsExceededException',
      'ActiveWaitingRequestsExceededException',
    ],
    code: 'TooManyStatements',
    advice: 'The Data API has reached its limit of open statements. This is retried.',
  },
  {
    names: [
      'BatchExecuteStatementException',
      'DatabaseConnectionException',
      'ExecuteStatementException',
      'QueryTimeoutException',
    ],
    code: 'WarehouseAway',
    advice: 'The warehouse did not respond to the Data API. This is retried.',
  },
];

/** What a rejected submission means. A wrong database mostly shows later, when the statement fails. */
export function submitCases(warehouse: string): readonly ErrorCase[] {
  return [
    ...TRANSIENT_CASES,
    {
      names: ['ResourceNotFoundException'],
      // The service's message for an unknown workgroup or cluster.
      words:
        /endpoint does(?:n.t| not) exist|(?:workgroup|cluster|namespace|database)\b.*(?:not found|not exist|n.t exist)/i,
      code: 'WarehouseNotFound',
      advice: `Check the pipeline’s warehouse (${warehouse}) and AWS_REGION.`,
    },
    {
      names: ['ValidationException'],
      code: 'StatementRefused',
      advice: `The Data API does not accept this submission. Check the pipeline’s warehouse (${warehouse}): workgroup, or cluster with a user or secret, and database.`,
    },
    denied,
  ];
}

/** What it means if a request for a submitted statement is rejected. */
export function statementCases(id: string): readonly ErrorCase[] {
  return [
    ...TRANSIENT_CASES,
    {
      names: ['ResourceNotFoundException'],
      code: 'StatementNotFound',
      advice: `The Data API does not know statement ${id}. It keeps results for 24 hours, and shows a statement only to the identity that submitted it.`,
    },
    {
      names: ['ValidationException'],
      code: 'StatementRefused',
      advice: 'The Data API rejects this request for the statement, and a retry would not help.',
    },
    denied,
  ];
}

const denied: ErrorCase = {
  names: ['AccessDeniedException'],
  code: 'AccessDenied',
  advice: ({ action }) =>
    `Allow ${action} for the worker’s identity, with redshift-serverless:GetCredentials for a workgroup, redshift:GetClusterCredentials for a cluster user, or secretsmanager:GetSecretValue for a secret. The Data API shows a statement only to the identity that submitted it.`,
};
