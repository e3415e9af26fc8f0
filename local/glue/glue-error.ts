type GlueErrorName =
  | 'AccessDeniedException'
  | 'AlreadyExistsException'
  | 'ConcurrentModificationException'
  | 'EntityNotFoundException'
  | 'InvalidInputException'
  | 'InvalidStateException'
  | 'MissingAuthenticationTokenException'
  | 'UnknownOperationException'
  | 'ValidationException';

/** A refusal, under the name that clients know. https://docs.aws.amazon.com/glue/latest/webapi/CommonErrors.html */
export class GlueError extends Error {
  override readonly name: GlueErrorName;

  constructor(name: GlueErrorName, message: string) {
    super(message);
    this.name = name;
  }

  /** How an entry of a batch reports it. */
  get detail(): { readonly ErrorCode: string; readonly ErrorMessage: string } {
    return { ErrorCode: this.name, ErrorMessage: this.message };
  }
}

export const notFound = (what: string) => new GlueError('EntityNotFoundException', what);
