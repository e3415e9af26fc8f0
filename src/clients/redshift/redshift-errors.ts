import { deniedAction, type ErrorCase } from '../aws/aws-error-cases.ts';

/**
 * Limits and faults of the Data API and of the warehouse behind it.
 * https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-troubleshooting.html
 */
const WAREHOUSE_CASES: readonly ErrorCase[] = [
  {
    names: [],
    words:
      /^(?:the )?(?:amazon )?(?:redshift )?cluster\b(?: \S+)?(?: is| has been)?(?: currently| being| in| the)* ['"]?paus(?:ed|ing)\b/i,
    code: 'WarehousePaused',
    advice: 'Resume the cluster.',
  },
  {
    names: [],
    words: /^(?:FATAL: +)?password authentication failed for user /i,
    code: 'GrantMissing',
    advice: 'Check the pipeline’s warehouse.dbUser, or the secret of warehouse.secretArn.',
  },
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
    advice:
      'The warehouse did not respond to the Data API. This is retried. If it continues, check that the cluster is available, and not being resized or restarted.',
  },
];

/**
 * What it means if a statement in a session is rejected. Observed by others, not documented:
 * https://github.com/awslabs/mcp/issues/4587
 */
export function sessionCases(warehouse: string): readonly ErrorCase[] {
  return [
    {
      names: ['ResourceNotFoundException'],
      words: /^(?:the |your )?session\b/i,
      code: 'WarehouseAway',
      advice: 'The session has ended, and what it had not committed was rolled back. This is retried.',
    },
    ...submitCases(warehouse),
  ];
}

/** What a rejected submission means. A wrong database mostly shows later, when the statement fails. */
export function submitCases(warehouse: string): readonly ErrorCase[] {
  return [
    ...WAREHOUSE_CASES,
    {
      names: ['ResourceNotFoundException'],
      // The service's message for an unknown workgroup or cluster.
      words:
        /^(?:Redshift endpoint does(?:n.t| not) exist\b|(?:(?:FATAL: +)?(?:workgroup|cluster|namespace|database)\b.*(?:not found|does(?:n.t| not) exist)\.?$))/is,
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
    ...WAREHOUSE_CASES,
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
  advice: (attempt, message) =>
    `Allow ${deniedAction(attempt, message)} for the worker’s identity, with redshift-serverless:GetCredentials for a workgroup, redshift:GetClusterCredentials for a cluster user, or secretsmanager:GetSecretValue for a secret. The Data API shows a statement only to the identity that submitted it.`,
};
