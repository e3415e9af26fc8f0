import type { FaultOf, FaultRequest } from './fault.ts';

/** What a fault may strike: a call, or a running statement. */
export interface FaultSubject {
  operation: string;
  statementName: string | undefined;
  sqls: readonly string[];
}

interface Listed {
  id: number;
  fault: FaultRequest;
  matched: number;
  struck: number;
  random: () => number;
}

/** The planned faults, in order, each with the number of times it matched and struck. */
export class FaultList {
  #listed: Listed[] = [];
  #lastId = 0;

  add(fault: FaultRequest): number {
    this.#listed.push({ id: ++this.#lastId, fault, matched: 0, struck: 0, random: generator(fault.seed) });
    return this.#lastId;
  }

  /** Every fault with its id and counts, spent ones included. */
  list(): object[] {
    return this.#listed.map(({ id, fault, matched, struck }) => ({ id, ...fault, matched, struck }));
  }

  /** Removes all faults, or one. @returns false if there is no such fault. */
  clear(id?: number): boolean {
    const before = this.#listed.length;
    this.#listed = id === undefined ? [] : this.#listed.filter((one) => one.id !== id);
    return id === undefined || this.#listed.length < before;
  }

  /**
   * The first fault of this kind that strikes now, counted as struck. `suits` selects the faults of
   * this kind that the caller can cause; the others do not count as matched.
   */
  strike<Kind extends FaultRequest['kind']>(
    kind: Kind,
    subject: FaultSubject,
    suits: (fault: FaultOf<Kind>) => boolean = () => true,
  ): FaultOf<Kind> | undefined {
    for (const one of this.#listed) {
      const { fault } = one;
      if (fault.kind !== kind || !suits(fault as FaultOf<Kind>) || !matches(fault, subject)) continue;
      one.matched++;
      if (one.matched < fault.nth) continue;
      if (fault.count !== 'always' && one.struck >= fault.count) continue;
      if (one.random() >= fault.probability) continue;
      one.struck++;
      return fault as FaultOf<Kind>;
    }
    return undefined;
  }
}

function matches(fault: FaultRequest, { operation, statementName, sqls }: FaultSubject): boolean {
  const { sql } = fault;
  return (
    (fault.operation === undefined || fault.operation === operation) &&
    (fault.statementName === undefined || fault.statementName === statementName) &&
    (sql === undefined || sqls.some((one) => one.toLowerCase().includes(sql.toLowerCase())))
  );
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
