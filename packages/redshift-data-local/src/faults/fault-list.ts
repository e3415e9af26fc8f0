import type { FaultOf, FaultRequest } from './fault.ts';

/** What may be struck: a call, or a statement being run. */
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

/** The faults asked for, in order, with how often each has matched and struck. */
export class FaultList {
  #listed: Listed[] = [];
  #lastId = 0;

  add(fault: FaultRequest): number {
    this.#listed.push({ id: ++this.#lastId, fault, matched: 0, struck: 0, random: generator(fault.seed) });
    return this.#lastId;
  }

  /** Every fault with its id and counts; one that has struck as often as it may is still shown. */
  list(): object[] {
    return this.#listed.map(({ id, fault, matched, struck }) => ({ id, ...fault, matched, struck }));
  }

  /** Forgets all faults, or one. False when there is no such one. */
  clear(id?: number): boolean {
    const before = this.#listed.length;
    this.#listed = id === undefined ? [] : this.#listed.filter((one) => one.id !== id);
    return id === undefined || this.#listed.length < before;
  }

  /**
   * The first fault of this kind that strikes now, counted as struck. `suits` tells which of the kind the caller can
   * make; the others do not even count as matched.
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

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
