/** An error of the Data API, under the name that clients know. */
export class ServiceError extends Error {
  readonly type: ServiceErrorType;
  readonly members: Record<string, unknown>;
  constructor(type: ServiceErrorType, message: string, members: Record<string, unknown> = {}) {
    super(message);
    this.name = type;
    this.type = type;
    this.members = members;
  }
}

export type ServiceErrorType = keyof typeof HTTP_STATUS;

/**
 * HTTP status by error. The service answers client errors with 400. That includes ResourceNotFoundException, for
 * which its model says 404. Clients read `__type`.
 */
export const HTTP_STATUS = {
  ValidationException: 400,
  ResourceNotFoundException: 400,
  ActiveStatementsExceededException: 400,
  ActiveSessionsExceededException: 400,
  ActiveWaitingRequestsExceededException: 400,
  QueryTimeoutException: 400,
  ThrottlingException: 400,
  UnknownOperationException: 400,
  SerializationException: 400,
  ExecuteStatementException: 500,
  BatchExecuteStatementException: 500,
  DatabaseConnectionException: 500,
  InternalServerException: 500,
} as const;
