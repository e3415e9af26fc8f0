import { gzipSync } from 'node:zlib';
import { Random } from '../speed/random.ts';

export const MONTH = '2026-11';
/** Of the month. */
export const MOST_DAYS = 30;
const MOST_IN_FILE = 350_000;
const LEAST_CENTS = 200;
const MOST_CENTS = 500_000;
/** What a correction adds to an amount. */
const CORRECTED_CENTS = 100;

export interface LedgerSize {
  readonly seed: number;
  readonly transactions: number;
  readonly accounts: number;
  readonly days: number;
}

/** A file of transactions: gzipped lines of JSON. */
export interface LedgerFile {
  /** Below the source's prefix. */
  readonly path: string;
  readonly body: Uint8Array;
  /** Of the JSON. */
  readonly bytes: number;
}

/** The transactions of one day in one file. */
interface Part {
  readonly day: number;
  readonly file: number;
  /** Of all transactions, the first and the one after the last. */
  readonly from: number;
  readonly to: number;
}

export interface Correction {
  readonly day: string;
  /** Those whose sums change. */
  readonly accounts: readonly number[];
  readonly file: LedgerFile;
}

/**
 * Transactions that depend only on the seed, and what they add up to: in whole cents, which a number holds exactly up to 2^53, and by a
 * program that shares nothing with the one that is measured.
 */
export class Ledger {
  readonly size: LedgerSize;
  /** By day and account. */
  readonly #credits: Float64Array;
  readonly #debits: Float64Array;
  readonly #counts: Uint32Array;

  constructor(size: LedgerSize) {
    this.size = size;
    const cells = size.days * size.accounts;
    this.#credits = new Float64Array(cells);
    this.#debits = new Float64Array(cells);
    this.#counts = new Uint32Array(cells);
  }

  static dayAt = (day: number): string => `${MONTH}-${String(day + 1).padStart(2, '0')}`;

  /** All files, one after the other. What they hold is added up on the way. */
  *files(): Generator<LedgerFile> {
    for (const part of this.#parts()) {
      yield this.#file(part, new Map(), (cell, isCredit, cents) => {
        const sums = isCredit ? this.#credits : this.#debits;
        sums[cell] = (sums[cell] as number) + cents;
        this.#counts[cell] = (this.#counts[cell] as number) + 1;
      });
    }
  }

  /**
   * The first file of a day in the middle, with other amounts for some accounts. Two amounts of another account change as well, but not
   * their sum.
   */
  correct(accounts: number): Correction {
    const day = Math.floor(this.size.days / 2);
    const part = this.#parts().find((each) => each.day === day) as Part;
    const changed = new Map<number, number>();
    const corrected = new Set<number>();
    const firstOf = new Map<number, number>();
    let offset: number | undefined;
    this.#file(part, changed, (cell, isCredit, _cents, transaction) => {
      const account = cell % this.size.accounts;
      if (!isCredit || corrected.has(account) || account === offset) return;
      if (corrected.size < accounts) {
        corrected.add(account);
        changed.set(transaction, CORRECTED_CENTS);
        this.#credits[cell] = (this.#credits[cell] as number) + CORRECTED_CENTS;
        return;
      }
      const first = firstOf.get(account);
      if (offset === undefined && first !== undefined) {
        offset = account;
        changed.set(first, CORRECTED_CENTS);
        changed.set(transaction, -CORRECTED_CENTS);
      }
      firstOf.set(account, transaction);
    });
    if (corrected.size < accounts || offset === undefined)
      throw new Error(`${Ledger.dayAt(day)} has too few transactions for a correction: set more of them.`);
    const file = this.#file(part, changed, () => {});
    return { day: Ledger.dayAt(day), accounts: [...corrected].map((each) => each + 1), file };
  }

  /** The statements of the month, as text, of the accounts that have one. */
  *statements(): Generator<{ readonly account: number; readonly text: string }> {
    const { accounts, days } = this.size;
    for (let account = 0; account < accounts; account++) {
      let text = 'account\tline\tcredits\tdebits\ttransactions\n';
      let [credits, debits, count] = [0, 0, 0];
      const line = (of: string, ...sums: readonly [number, number, number]) => {
        text += `${account + 1}\t${of}\t${decimal(sums[0])}\t${decimal(sums[1])}\t${sums[2]}\n`;
      };
      for (let day = 0; day < days; day++) {
        const cell = day * accounts + account;
        const own = [this.#credits[cell]!, this.#debits[cell]!, this.#counts[cell]!] as const;
        if (own[2] === 0) continue;
        line(Ledger.dayAt(day), ...own);
        [credits, debits, count] = [credits + own[0], debits + own[1], count + own[2]];
      }
      if (count === 0) continue;
      line('total', credits, debits, count);
      yield { account: account + 1, text };
    }
  }

  #parts(): Part[] {
    const { transactions, days } = this.size;
    return Array.from({ length: days }, (_, day) => {
      const [from, to] = [share(transactions, day, days), share(transactions, day + 1, days)];
      const files = Math.max(1, Math.ceil((to - from) / MOST_IN_FILE));
      return Array.from({ length: files }, (_each, file) => ({
        ...{ day, file },
        from: from + share(to - from, file, files),
        to: from + share(to - from, file + 1, files),
      }));
    }).flat();
  }

  /** @param changed by transaction, what is added to its amount */
  #file(
    { day, file, from, to }: Part,
    changed: ReadonlyMap<number, number>,
    onTransaction: (cell: number, isCredit: boolean, cents: number, transaction: number) => void,
  ): LedgerFile {
    const { seed, accounts } = this.size;
    const random = Random.of(seed, from);
    const date = Ledger.dayAt(day);
    const lines: string[] = [];
    for (let id = from; id < to; id++) {
      const account = random.below(accounts);
      const isCredit = random.chance(0.5);
      const cents = random.between(LEAST_CENTS, MOST_CENTS);
      lines.push(
        `{"id":${id},"account":${account + 1},"day":"${date}","kind":"${isCredit ? 'credit' : 'debit'}",` +
          `"amount":"${decimal(cents + (changed.get(id) ?? 0))}","counterparty":"XX${random.hex(16)}","reference":"Payment ${random.hex(8)}"}\n`,
      );
      onTransaction(day * accounts + account, isCredit, cents, id);
    }
    // In ASCII.
    const json = lines.join('');
    const path = `${date}/${String(file).padStart(4, '0')}.json.gz`;
    return { path, body: gzipSync(json, { level: 1 }), bytes: json.length };
  }
}

const share = (count: number, part: number, parts: number) => Math.floor((count * part) / parts);

const decimal = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
