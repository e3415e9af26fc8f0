/**
 * The errors of DynamoDB and DynamoDB Streams that this server makes itself, with their namespaces.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
const NAMESPACES = {
  AccessDeniedException: 'com.amazon.coral.service',
  ExportConflictException: 'com.amazonaws.dynamodb.v20120810',
  ExportNotFoundException: 'com.amazonaws.dynamodb.v20120810',
  ExpiredIteratorException: 'com.amazonaws.dynamodb.v20120810',
  InternalServerError: 'com.amazonaws.dynamodb.v20120810',
  InvalidExportTimeException: 'com.amazonaws.dynamodb.v20120810',
  LimitExceededException: 'com.amazonaws.dynamodb.v20120810',
  MissingAuthenticationTokenException: 'com.amazon.coral.service',
  PointInTimeRecoveryUnavailableException: 'com.amazonaws.dynamodb.v20120810',
  ProvisionedThroughputExceededException: 'com.amazonaws.dynamodb.v20120810',
  ResourceNotFoundException: 'com.amazonaws.dynamodb.v20120810',
  SerializationException: 'com.amazon.coral.service',
  TableNotFoundException: 'com.amazonaws.dynamodb.v20120810',
  ThrottlingException: 'com.amazon.coral.availability',
  TrimmedDataAccessException: 'com.amazonaws.dynamodb.v20120810',
  UnknownOperationException: 'com.amazon.coral.service',
  ValidationException: 'com.amazon.coral.validate',
} as const;

export type DynamodbErrorName = keyof typeof NAMESPACES;

/** An error under the name that clients know. */
export class DynamodbError extends Error {
  override readonly name: DynamodbErrorName;

  constructor(name: DynamodbErrorName, message: string) {
    super(message);
    this.name = name;
  }

  get status(): number {
    return this.name === 'InternalServerError' ? 500 : 400;
  }

  /** The body of the answer. */
  get body(): { readonly __type: string; readonly message: string } {
    return { __type: `${NAMESPACES[this.name]}#${this.name}`, message: this.message };
  }
}
