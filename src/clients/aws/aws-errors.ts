import { isTransientCode } from '../../pipeline/failure/failure-codes.ts';
import { Terminal, Transient } from '../errors.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { type Attempt, type ErrorCase, sharedCases } from './aws-error-cases.ts';

/** The facts of an AWS SDK or Node error that the table looks at. */
interface Fault {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly error: Error;
}

/**
 * The error to throw in place of what an AWS client threw: Terminal where a person has to act, Transient where
 * waiting may help. Errors that are already classified, and aborts, are returned as they are; so is an error the
 * table knows nothing of (a fault of our own), which its caller should see unchanged.
 */
export function awsError(error: unknown, attempt: Attempt): unknown {
  if (isAbort(error)) return error;
  if (attempt.signal?.aborted) return attempt.signal.reason;
  if (error instanceof Terminal || error instanceof Transient || !Error.isError(error)) return error;

  const fault = faultOf(error);
  const found =
    [...(attempt.cases ?? []), ...sharedCases].find((row) => fits(row, fault)) ?? refusal(fault.status);
  if (found === undefined) return error;

  const quoted = found.unquotable ? '' : withoutSecrets(fault.message);
  const advice = typeof found.advice === 'string' ? found.advice : found.advice(attempt);
  const message = `Cannot ${attempt.doing}: ${sentence(quoted, fault.name)} ${advice}`;
  // The cause's text goes where the message goes, so it is kept only where it holds no secret.
  const options = quoted === fault.message ? { cause: error } : undefined;
  const { code } = found;
  return isTransientCode(code) ? new Transient(code, message, options) : new Terminal(code, message, options);
}

/** The name a failure goes by: the service's exception, else Node's code. */
export function nameOf(error: unknown): string {
  return Error.isError(error) ? faultOf(error).name : 'Unknown';
}

/** The HTTP status of the answer an AWS SDK error came with. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

function isAbort(error: unknown): boolean {
  return Error.isError(error) && (error.name === 'AbortError' || error.name === 'CancelledFailure');
}

function faultOf(error: Error): Fault {
  const { code } = error as NodeJS.ErrnoException;
  // S3's code for what it refuses is in `Code` where the SDK has no class of that name.
  const { Code } = error as { Code?: string };
  const plain = /^(Error|TypeError|SyntaxError|AggregateError|Unknown|UnknownError|\d+)$/.test(error.name);
  return {
    name: (plain ? (Code ?? code) : undefined) ?? error.name,
    message: messageOf(error),
    status: statusOf(error),
    error,
  };
}

function messageOf(error: Error): string {
  // Node tries every address of a name and puts what came of each into an AggregateError without a message.
  const { errors } = error as AggregateError;
  const text =
    error.message === '' && Array.isArray(errors)
      ? errors.map((one: unknown) => (Error.isError(one) ? one.message : String(one))).join('; ')
      : error.message;
  // What the SDK adds for programmers says nothing to whoever reads the message. Its wrapper is around errors
  // of another realm, and keeps only their text.
  const [said = ''] = text.split('\n  Deserialization error:');
  return said.replace(/^AWS SDK error wrapper for (?:\w*Error: )?/, '').trim();
}

function fits(row: ErrorCase, fault: Fault): boolean {
  const code = (fault.error as NodeJS.ErrnoException).code;
  return (
    row.names.includes(fault.name) ||
    (typeof code === 'string' && row.names.includes(code)) ||
    (fault.status !== undefined && row.status?.(fault.status) === true) ||
    row.words?.test(fault.message) === true
  );
}

/** Any other 3xx or 4xx: the service understood the request and will answer the same next time. */
function refusal(status: number | undefined): ErrorCase | undefined {
  if (status === undefined || status < 300 || status >= 500) return undefined;
  return {
    names: [],
    code: 'Refused',
    advice: 'The service refuses this request and would refuse it again.',
  };
}

function sentence(text: string, name: string): string {
  if (text === '' || text === name || text === 'UnknownError') return `${name}.`;
  const said = text.replace(/[.;\s]+$/, '');
  return name === 'Error' ? `${said}.` : `${said} (${name}).`;
}
