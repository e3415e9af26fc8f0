import { z } from 'zod';
import { DynamodbError } from '../dynamodb-error.ts';

export const OPERATIONS = ['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords'] as const;
export type StreamOperation = (typeof OPERATIONS)[number];

const ERRORS = [
  'ExpiredIteratorException',
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ResourceNotFoundException',
  'ThrottlingException',
  'TrimmedDataAccessException',
] as const;

/** A failure of the next calls. */
export const FaultSettings = z.strictObject({
  /** Default: any operation of Streams. */
  operation: z.enum(OPERATIONS).optional(),
  /** Default: calls for the streams of any table. */
  table: z.string().optional(),
  error: z.enum(ERRORS),
  times: z.number().int().positive().default(1),
});
type FaultSettings = z.output<typeof FaultSettings>;

/** The failures that tests have asked for. */
export class StreamFaults {
  #waiting: { readonly settings: FaultSettings; left: number }[] = [];

  add(settings: FaultSettings): void {
    this.#waiting.push({ settings, left: settings.times });
  }

  clear(): void {
    this.#waiting = [];
  }

  /**
   * @param parameters of the call: its stream or its iterator names the table
   * @throws DynamodbError if this call is to fail
   */
  check(operation: StreamOperation, parameters: unknown): void {
    const text = JSON.stringify(parameters);
    const fault = this.#waiting.find(
      ({ settings }) =>
        (settings.operation ?? operation) === operation &&
        (settings.table === undefined || text.includes(`:table/${settings.table}/stream/`)),
    );
    if (fault === undefined) return;
    fault.left -= 1;
    if (fault.left === 0) this.#waiting = this.#waiting.filter((each) => each !== fault);
    throw new DynamodbError(fault.settings.error, 'A fault that a test asked for.');
  }
}
