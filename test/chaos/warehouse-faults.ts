import type { WarehouseFault } from './conditions.ts';

/** Faults of the warehouse itself, which the local Redshift Data API injects into statements on one schema. */
export class WarehouseFaults {
  /** How often each kind of fault hit; complete once they are removed. */
  readonly struck = new Map<string, number>();
  readonly #endpoint: string;
  readonly #schema: string;
  readonly #copies: string;
  readonly #asked: number[] = [];

  /** @param copies what the text of each COPY of the schedule contains, and that of no other statement */
  constructor(endpoint: string, schema: string, copies = `COPY "${schema}`) {
    this.#endpoint = `${endpoint}/_control/faults`;
    this.#schema = schema;
    this.#copies = copies;
  }

  async ask(faults: readonly WarehouseFault[]): Promise<void> {
    for (const fault of faults) {
      // A statement that never ends is cancelled at its phase's time limit, which is short only for loads.
      const sql = fault.kind === 'never-ends' ? this.#copies : this.#schema;
      const answer = await fetch(this.#endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...fault, sql }),
      });
      if (!answer.ok) throw new Error(`the local Redshift rejected a fault: ${await answer.text()}`);
      this.#asked.push(((await answer.json()) as { id: number }).id);
    }
  }

  async takeBack(): Promise<void> {
    if (this.#asked.length === 0) return;
    const { faults } = (await (await fetch(this.#endpoint)).json()) as {
      faults: { id: number; kind: string; struck: number }[];
    };
    for (const id of this.#asked.splice(0)) {
      const found = faults.find((fault) => fault.id === id);
      if (found !== undefined && found.struck > 0) {
        this.struck.set(found.kind, (this.struck.get(found.kind) ?? 0) + found.struck);
      }
      await fetch(`${this.#endpoint}/${id}`, { method: 'DELETE' });
    }
  }
}
