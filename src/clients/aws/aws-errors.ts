import { isTransientCode } from '../../pipeline/failure/failure-codes.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { Terminal, Transient } from '../errors.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { type Attempt, type ErrorCase, SHARED_CASES } from './aws-error-cases.ts';

/** The properties of an AWS SDK or Node error that the cases match. */
interface Fault {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly error: Error;
}

/**
 * The error to throw in place of one that an AWS client threw: Terminal if an operator must act, Transient if waiting may
 * help. Aborts, errors that are already classified, and errors that match no case (faults of our own) are returned
 * unchanged.
 */
export function awsError(error: unknown, attempt: Attempt): unknown {
  if (isAbort(error)) return error;
  if (attempt.signal?.aborted) return attempt.signal.reason;
  if (error instanceof Terminal || error instanceof Transient || !Error.isError(error)) return error;

  const fault = faultOf(error);
  const found =
    [...(attempt.cases ?? []), ...SHARED_CASES].find((each) => matches(each, fault)) ?? refusal(fault.status);
  if (found === undefined) return error;

  const quoted = found.unquotable ? '' : withoutSecrets(fault.message);
  const advice = typeof found.advice === 'string' ? found.advice : found.advice(attempt, fault.message);
  const message = `Cannot ${attempt.doing}: ${sentence(quoted, fault.name)} ${advice}`;
  // The cause is logged with the message, so it is kept only if its text contains no secret.
  const options = quoted === fault.message ? { cause: error } : undefined;
  const { code } = found;
  return isTransientCode(code) ? new Transient(code, message, options) : new Terminal(code, message, options);
}

/** The name of a failure: the service's exception, else Node's code. */
export function nameOf(error: unknown): string {
  return Error.isError(error) ? faultOf(error).name : 'Unknown';
}

/** The HTTP status of the response that an AWS SDK error comes from. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

function isAbort(error: unknown): boolean {
  return Error.isError(error) && (error.name === 'AbortError' || error.name === 'CancelledFailure');
}

function faultOf(error: Error): Fault {
  const { code } = error as NodeJS.ErrnoException;
  // If the SDK has no class for one of S3's error codes, the code is in `Code`.
  const { Code } = error as { Code?: string };
  const plain = /^(Error|TypeError|SyntaxError|AggregateError|Unknown|UnknownError|\d+)$/.test(error.name);
  return {
    name: (plain ? (Code ?? code) : undefined) ?? error.name,
    message: plainMessage(error),
    status: statusOf(error),
    error,
  };
}

function plainMessage(error: Error): string {
  // Node tries every address of a host name, and puts the errors into an AggregateError without a message.
  const { errors } = error as AggregateError;
  const text =
    error.message === '' && Array.isArray(errors) ? errors.map(messageOf).join('; ') : error.message;
  // Removes what the SDK adds for programmers. It wraps errors of another realm, and keeps only their text.
  const [original = ''] = text.split('\n  Deserialization error:');
  return original.replace(/^AWS SDK error wrapper for (?:\w*Error: )?/, '').trim();
}

function matches({ names, status, words }: ErrorCase, fault: Fault): boolean {
  const code = (fault.error as NodeJS.ErrnoException).code;
  return (
    names.includes(fault.name) ||
    (typeof code === 'string' && names.includes(code)) ||
    (fault.status !== undefined && status?.(fault.status) === true) ||
    words?.test(fault.message) === true
  );
}

/** Any other 3xx or 4xx: the service understood the request and would respond the same next time. */
function refusal(status: number | undefined): ErrorCase | undefined {
  if (status === undefined || status < 300 || status >= 500) return undefined;
  return {
    names: [],
    code: 'Refused',
    advice: 'The service rejects this request, and a retry would not help.',
  };
}

function sentence(text: string, name: string): string {
  if (text === '' || text === name || text === 'UnknownError') return `${name}.`;
  const trimmed = text.replace(/[.;\s]+$/, '');
  return name === 'Error' ? `${trimmed}.` : `${trimmed} (${name}).`;
}
