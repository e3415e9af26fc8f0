import type { ObjectStore } from '../clients/object-store.ts';
import type { Layout } from '../pipeline/columns/layout.ts';
import { MAX_GROWTHS } from '../pipeline/columns/layout-growth.ts';
import type { GrownLayouts } from '../pipeline/run/grown-layouts.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';
import { anyWriter, claim } from './claim.ts';
import { findDocument } from './document.ts';
import { grownLayoutsDocument } from './run-files.ts';

/**
 * The layouts that a run's segments share. If each segment added its own columns, a thousand segments could write a
 * thousand layouts, and each layout is a COPY. So all segments of a run grow in the same steps, at most `MAX_GROWTHS`:
 * each step is claimed by the segment that needs it first, and the others take it over. After the last one, items that
 * do not fit are odd. A step never changes, so a segment reads it once.
 */
export class SharedLayouts {
  readonly #store: ObjectStore;
  readonly #ref: RunRef;
  #newest: readonly Layout[];
  #steps = 0;

  /** @param planned the layouts that the run starts with */
  constructor(store: ObjectStore, ref: RunRef, planned: readonly Layout[]) {
    this.#store = store;
    this.#ref = ref;
    this.#newest = planned;
  }

  /**
   * @param add adds the columns that this segment needs; returns what it was given if nothing is missing
   * @returns the run's newest layouts. Unless all steps are taken, they have every column that this segment needs.
   */
  async grow(
    add: (layouts: readonly Layout[]) => readonly Layout[],
    signal: AbortSignal,
  ): Promise<readonly Layout[]> {
    while (this.#steps < MAX_GROWTHS) {
      const document = grownLayoutsDocument(this.#store, this.#ref, this.#steps + 1);
      let grown: GrownLayouts | undefined = await findDocument(document, signal);
      if (grown === undefined) {
        const layouts = add(this.#newest);
        if (layouts === this.#newest) break;
        // Whichever segment claims the step: the loop then looks for what is still missing.
        const mine: GrownLayouts = { version: 1, layouts: [...layouts] };
        grown = (await claim(document, mine, anyWriter, signal)).value;
      }
      this.#newest = grown.layouts;
      this.#steps++;
    }
    return this.#newest;
  }
}
