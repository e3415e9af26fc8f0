import type { ErrorCase } from '../aws/aws-error-cases.ts';

/** Limits and faults of the Data API itself: all pass. */
const passing: readonly ErrorCase[] = [
  {
    names: [
      'ActiveSessionsExceededException',
      'ActiveStatementsExceededException',
      'ActiveWaitingRequestsExceededException',
    ],
    code: 'TooManyStatements',
    advice: 'As many statements as the Data API takes are under way; this is tried again.',
  },
  {
    names: [
      'BatchExecuteStatementException',
      'DatabaseConnectionException',
      'ExecuteStatementException',
      'QueryTimeoutException',
    ],
    code: 'WarehouseAway',
    advice: 'The warehouse did not answer the Data API; this is tried again.',
  },
];

/** What a refused submission means. A wrong database is mostly told later, by the statement's failure. */
export function submitCases(warehouse: string): readonly ErrorCase[] {
  return [
    ...passing,
    {
      names: ['ResourceNotFoundException'],
      // The service's words for a workgroup or cluster it does not know.
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

/** What it means when a statement already submitted cannot be asked for. */
export function statementCases(id: string): readonly ErrorCase[] {
  return [
    ...passing,
    {
      names: ['ResourceNotFoundException'],
      code: 'StatementNotFound',
      advice: `The Data API does not know statement ${id}. It forgets results after 24 hours, and shows a statement only to the identity that submitted it.`,
    },
    {
      names: ['ValidationException'],
      code: 'StatementRefused',
      advice: 'The Data API does not accept this request for the statement and would not accept it again.',
    },
    denied,
  ];
}

const denied: ErrorCase = {
  names: ['AccessDeniedException'],
  code: 'AccessDenied',
  advice: ({ action }) =>
    `Allow ${action} to the identity the worker runs as, with redshift-serverless:GetCredentials for a workgroup, redshift:GetClusterCredentials for a cluster user, or secretsmanager:GetSecretValue for a secret. A statement is shown only to the identity that submitted it.`,
};
