import type { FailureCode } from '../../pipeline/failure/failure-codes.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { Terminal, Transient } from '../errors.ts';
import type { StepOrder } from './step-protocol.ts';

interface EngineFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/** DuckDB's errors begin with their kind. */
const KINDS: readonly (readonly [pattern: RegExp, code: FailureCode])[] = [
  [/^Out of Memory Error: .*(max_temp_directory_size|temp_directory)/s, 'EngineOutOfSpace'],
  [/^Out of Memory Error/, 'EngineOutOfMemory'],
  [/^IO Error: .*No space left on device/s, 'EngineOutOfSpace'],
];

/** What is wrong with the engine or a file, not with a query. */
const NOT_THE_QUERY = /^(IO|INTERNAL|FATAL|Serialization|Invalid) Error/i;

/** What an error in a step's process means. */
export function engineFailure(error: unknown, step: StepOrder['kind']): EngineFailure {
  const message = messageOf(error);
  if (error instanceof Terminal || error instanceof Transient) return { code: error.code, message };
  const [, code] = KINDS.find(([pattern]) => pattern.test(message)) ?? [];
  if (code !== undefined) return { code, message: `${step}: ${message}` };
  if ((step === 'query' || step === 'partitionsRead') && !NOT_THE_QUERY.test(message))
    return { code: 'QueryInvalid', message };
  if (step === 'derive' && !NOT_THE_QUERY.test(message)) return { code: 'StepFailed', message };
  return { code: 'EngineFailed', message: `${step}: ${message}` };
}
