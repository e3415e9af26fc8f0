import { once } from 'node:events';
import { Terminal } from '../../../src/clients/errors.ts';
import type { TableSource } from '../../../src/clients/table-source.ts';

/** The real source, refusing some segments' scans until it is fixed, or letting them hang until then. */
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

  /** Refuses what hangs, too. */
  refuse(): void {
    this.#state = 'refusing';
    this.#letGo.resolve();
  }

  #isRefusing = () => this.#state === 'refusing';

  async scanPage(request: Parameters<TableSource['scanPage']>[0]) {
    // The plan's sample is limited; only the scan itself fails.
    if (this.#segments.includes(request.segment) && request.limit === undefined) {
      if (this.#state === 'hanging') {
        this.hanging++;
        await Promise.race([once(request.signal as AbortSignal, 'abort'), this.#letGo.promise]);
        request.signal?.throwIfAborted();
      }
      // Reread: it may have changed while this one hung.
      if (this.#isRefusing()) throw new Terminal('AccessDenied', 'segment is broken by this test');
    }
    return this.#real.scanPage(request);
  }
}
