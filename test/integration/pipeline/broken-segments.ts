import { once } from 'node:events';
import { Terminal } from '../../../src/clients/errors.ts';
import type { TableSource } from '../../../src/clients/table-source.ts';

/** The real source, but it refuses the scans of some segments, or lets them hang, until it is fixed. */
export class BrokenSegments implements TableSource {
  hanging = 0;
  #state: 'refusing' | 'hanging' | 'fixed' = 'refusing';
  readonly #letGo = Promise.withResolvers<void>();
  readonly describe: TableSource['describe'];
  readonly #real: TableSource;
  readonly #segments: readonly number[];

  constructor(real: TableSource, segments: readonly number[]) {
    this.#real = real;
    this.#segments = segments;
    this.describe = (table, options) => real.describe(table, options);
  }

  fix(): void {
    this.#state = 'fixed';
    this.#letGo.resolve();
  }

  hang(): void {
    this.#state = 'hanging';
  }

  /** Also refuses the scans that hang now. */
  refuse(): void {
    this.#state = 'refusing';
    this.#letGo.resolve();
  }

  #isRefusing = () => this.#state === 'refusing';

  async scanPage(request: Parameters<TableSource['scanPage']>[0]) {
    // Only the plan's sample has a limit: it must not fail.
    if (this.#segments.includes(request.segment) && request.limit === undefined) {
      if (this.#state === 'hanging') {
        this.hanging++;
        await Promise.race([once(request.signal as AbortSignal, 'abort'), this.#letGo.promise]);
        request.signal?.throwIfAborted();
      }
      // Read again: it may have changed while this scan hung.
      if (this.#isRefusing()) throw new Terminal('AccessDenied', 'segment is broken by this test');
    }
    return this.#real.scanPage(request);
  }
}
