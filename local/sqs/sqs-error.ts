/**
 * SQS's errors: the name of each in the JSON protocol, and its older code if that differs. Clients may match either.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
const OLDER_CODES = {
  AccessDeniedException: undefined,
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidAttributeName: undefined,
  InvalidAttributeValue: undefined,
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  InvalidMessageContents: undefined,
  InvalidParameterValue: undefined,
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  MissingAuthenticationToken: undefined,
  MissingParameter: undefined,
  OverLimit: undefined,
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  ReceiptHandleIsInvalid: undefined,
  ResourceNotFoundException: undefined,
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnknownOperationException: undefined,
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
} as const;

type SqsErrorName = keyof typeof OLDER_CODES;

/** A refusal, under the name that clients know. All are the sender's fault, with status 400 or 403. */
export class SqsError extends Error {
  override readonly name: SqsErrorName;

  constructor(name: SqsErrorName, message: string) {
    super(message);
    this.name = name;
  }

  /** For the header `x-amzn-query-error`, and in the entries of a batch. */
  get olderCode(): string {
    return OLDER_CODES[this.name] ?? this.name;
  }

  get status(): number {
    return this.name === 'AccessDeniedException' || this.name === 'MissingAuthenticationToken' ? 403 : 400;
  }
}
