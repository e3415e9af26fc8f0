import { z } from 'zod';
import { HTTP_STATUS, type ServiceErrorType } from '../protocol/service-error.ts';

const positive = z.number().int().min(1);

/** What a fault strikes, and how often. All matchers that are set must match. */
const matchers = {
  /** Part of the SQL, in any case: of the statement itself or, for faults of a call, of any of its statements. */
  sql: z.string().min(1).optional(),
  /** The whole StatementName. */
  statementName: z.string().min(1).optional(),
  /** The operation called, or the one that submitted the statement. */
  operation: z.string().min(1).optional(),
  /** The first match to strike: 1 is the next one. */
  nth: positive.default(1),
  /** How many matches to strike; `"always"` is unlimited. */
  count: z.union([positive, z.literal('always')]).default(1),
  /** From `nth` on, the fault strikes each match with this probability, from a generator with this seed. */
  probability: z.number().gt(0).max(1).default(1),
  seed: z.number().int().default(1),
};

const SERVICE_ERRORS = Object.keys(HTTP_STATUS) as [ServiceErrorType, ...ServiceErrorType[]];

export const FaultRequest = z.discriminatedUnion('kind', [
  /** Error 1023, before the statement does anything or when its transaction would commit. */
  z.strictObject({
    kind: z.literal('serializable-violation'),
    when: z.enum(['statement', 'commit']).default('statement'),
    ...matchers,
  }),
  /** The query's memory runs out. */
  z.strictObject({ kind: z.literal('out-of-memory'), ...matchers }),
  /** S3 breaks off while a COPY reads a file, after this part of its bytes. */
  z.strictObject({
    kind: z.literal('copy-half-way'),
    fraction: z.number().min(0).max(1).default(0.5),
    /** Which of the files: 1 is the first one read. */
    file: positive.default(1),
    ...matchers,
  }),
  /** The statement runs until it is cancelled, before or after its work, and keeps its locks. */
  z.strictObject({
    kind: z.literal('never-ends'),
    when: z.enum(['before', 'after']).default('before'),
    ...matchers,
  }),
  /** ThrottlingException instead of the call. */
  z.strictObject({ kind: z.literal('throttle'), ...matchers }),
  /** Any of the service's errors instead of the call. */
  z.strictObject({
    kind: z.literal('error'),
    error: z.enum(SERVICE_ERRORS),
    message: z.string().optional(),
    ...matchers,
  }),
  /**
   * The call does its work, and then the connection is reset instead of an answer. A submission loses its answer once
   * the statement has ended (so after its commit), or immediately.
   */
  z.strictObject({
    kind: z.literal('lost-answer'),
    when: z.enum(['ended', 'submitted']).default('ended'),
    ...matchers,
  }),
  /** A delay before a call is performed or, with `at` statement, before a statement begins. */
  z.strictObject({
    kind: z.literal('delay'),
    milliseconds: z.number().int().min(0).max(3_600_000),
    at: z.enum(['call', 'statement']).default('call'),
    ...matchers,
  }),
  /** After a matching transaction that renamed a schema or table has committed, this many reads by the new name fail. */
  z.strictObject({ kind: z.literal('rename-gap'), reads: positive.default(1), ...matchers }),
]);
export type FaultRequest = z.output<typeof FaultRequest>;
export type FaultOf<Kind extends FaultRequest['kind']> = Extract<FaultRequest, { kind: Kind }>;
