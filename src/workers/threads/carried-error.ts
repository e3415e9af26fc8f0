import { ZodError } from 'zod';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { TerminalCode, TransientCode } from '../../pipeline/failure/failure-codes.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';

/**
 * An error on its way from one thread to another. A structured clone of an error loses its class and code, by which an
 * activity decides whether it is retried.
 */
export type CarriedError = Classified & {
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: CarriedError;
};

type Classified =
  | { readonly kind: 'Terminal' | 'Refusal'; readonly code: TerminalCode }
  | { readonly kind: 'Transient'; readonly code: TransientCode }
  | { readonly kind: 'ZodError'; readonly issues: ZodError['issues'] }
  | { readonly kind: 'Error'; readonly name: string };

/** Anything that was thrown, as data. What is not an error becomes one. */
export function carried(error: unknown): CarriedError {
  if (!Error.isError(error)) return { kind: 'Error', name: 'Error', message: messageOf(error) };
  const { message, stack, cause } = error;
  return {
    ...classified(error),
    message,
    stack,
    ...(cause === undefined ? {} : { cause: carried(cause) }),
  };
}

function classified(error: Error): Classified {
  if (error instanceof Terminal) return { kind: 'Terminal', code: error.code };
  if (error instanceof Transient) return { kind: 'Transient', code: error.code };
  if (error instanceof Refusal) return { kind: 'Refusal', code: error.code };
  if (error instanceof ZodError) return { kind: 'ZodError', issues: error.issues };
  return { kind: 'Error', name: error.name };
}

/** The error again, with its class, code, message, stack and causes. */
export function uncarried(error: CarriedError): Error {
  const options = error.cause === undefined ? undefined : { cause: uncarried(error.cause) };
  const again = ofItsClass(error, options);
  if (error.stack !== undefined) again.stack = error.stack;
  return again;
}

function ofItsClass(error: CarriedError, options: ErrorOptions | undefined): Error {
  const { message } = error;
  switch (error.kind) {
    case 'Terminal':
      return new Terminal(error.code, message, options);
    case 'Transient':
      return new Transient(error.code, message, options);
    case 'Refusal':
      return new Refusal(error.code, message);
    case 'ZodError':
      return new ZodError(error.issues);
    case 'Error':
      return Object.assign(new Error(message, options), { name: error.name });
  }
}
