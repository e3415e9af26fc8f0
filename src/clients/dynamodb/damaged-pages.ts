import { Terminal, Transient } from '../errors.ts';
import type { ScanRequest } from '../table-source.ts';

/** How often the same page may arrive damaged. The SDK requests it several times for each. */
const MAX_DAMAGED = 10;

/**
 * Counts how often each segment's next page arrived damaged in succession, so that a page that is damaged every time
 * is not read forever. A worker counts for itself.
 */
export class DamagedPages {
  readonly #counts = new Map<string, number>();

  /** The segment's page arrived whole. */
  forget(request: ScanRequest): void {
    if (this.#counts.size > 0) this.#counts.delete(segmentOf(request));
  }

  /**
   * What to throw for a failure to read a page.
   * @returns Terminal `PageUnreadable` if the same page was damaged ten times; its count then starts again. Else the
   *   error itself.
   */
  classify(error: unknown, request: ScanRequest): unknown {
    if (!(error instanceof Transient) || error.code !== 'DamagedPage') return error;
    const segment = segmentOf(request);
    const count = (this.#counts.get(segment) ?? 0) + 1;
    if (count < MAX_DAMAGED) {
      this.#counts.set(segment, count);
      return error;
    }
    this.#counts.delete(segment);
    return new Terminal(
      'PageUnreadable',
      `The same page of segment ${request.segment} of ${request.segments} of DynamoDB table ${request.table} arrived ` +
        `damaged ${MAX_DAMAGED} times in a row. ${error.message.replace(/ The page is read again\.$/, '')} What is between ` +
        'the worker and DynamoDB changes the responses: check the proxy and the endpoint, then retry the segment.',
      { cause: error },
    );
  }
}

/** A segment reads one page after the other, so its damaged pages in succession are the same page. */
const segmentOf = ({ table, segment, segments }: ScanRequest) => `${segments}/${segment}/${table}`;
