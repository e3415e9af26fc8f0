/** A transaction of the seeded ledger. Amounts and balances are decimals of two digits, as text. */
export interface Transaction {
  readonly id: number;
  readonly account: number;
  readonly day: string;
  readonly kind: 'credit' | 'debit';
  readonly amount: string;
  /** The account's, after the transaction. */
  readonly balance: string;
}

/** What an account did in a day or month. */
export interface Totals {
  credits: bigint;
  debits: bigint;
  transactions: number;
}

/**
 * A ledger by seed. It keeps balances and totals in cents, by itself, while it makes transactions: what reports give is compared with
 * these.
 */
export class SeededLedger {
  readonly #transactions = new Map<string, Transaction[]>();
  readonly #balances = new Map<number, bigint>();
  #seed: number;
  #id = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Makes the transactions of a day: at least so many, by default none, and at most so many. */
  add(
    day: string,
    {
      accounts,
      least = 0,
      most,
    }: { readonly accounts: number; readonly least?: number; readonly most: number },
  ): void {
    const own: Transaction[] = [];
    for (let count = least + this.#next(most - least + 1); count > 0; count--) {
      const account = 1 + this.#next(accounts);
      const before = this.#balances.get(account) ?? 0n;
      const cents = BigInt(1 + this.#next(10_000_000));
      const kind = before >= cents && this.#next(3) > 0 ? 'debit' : 'credit';
      const after = kind === 'credit' ? before + cents : before - cents;
      this.#balances.set(account, after);
      own.push({ id: ++this.#id, account, day, kind, amount: decimal(cents), balance: decimal(after) });
    }
    this.#transactions.set(day, own);
  }

  of(day: string): readonly Transaction[] {
    return this.#transactions.get(day) ?? [];
  }

  /** Changes one amount of a day. */
  correct(day: string, index: number, cents: bigint): void {
    const own = [...this.of(day)];
    const wrong = own[index] as Transaction;
    own[index] = { ...wrong, amount: decimal(cents) };
    this.#transactions.set(day, own);
  }

  /** By account, of all days that begin with this text. */
  totals(period: string): Map<number, Totals> {
    const totals = new Map<number, Totals>();
    for (const [day, own] of this.#transactions) {
      if (!day.startsWith(period)) continue;
      for (const { account, kind, amount } of own) {
        const its = totals.get(account) ?? { credits: 0n, debits: 0n, transactions: 0 };
        its[kind === 'credit' ? 'credits' : 'debits'] += cents(amount);
        its.transactions++;
        totals.set(account, its);
      }
    }
    return totals;
  }

  /** By account: the balance after its last transaction up to the end of a month. */
  balances(month: string): Map<number, string> {
    const balances = new Map<number, string>();
    for (const [day, own] of [...this.#transactions].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      if (day.slice(0, 7) <= month) for (const { account, balance } of own) balances.set(account, balance);
    return balances;
  }

  #next(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * below);
  }
}

export const decimal = (cents: bigint): string => {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

const cents = (text: string): bigint => BigInt(text.replace('.', ''));
