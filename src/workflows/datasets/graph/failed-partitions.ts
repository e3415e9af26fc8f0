/** A partition that failed in a run; or the files or the catalogue of a dataset. */
export interface Failed {
  readonly dataset: string;
  readonly partition: string;
  readonly code?: string;
  readonly reason: string;
}

/** How long a failed partition is built again, if its dataset has no `retryFor`. */
const RETRY_SECONDS = 3600;

type Named = Pick<Failed, 'dataset' | 'partition'>;

const idOf = ({ dataset, partition }: Named) => `${dataset} ${partition}`;

/** What an earlier execution of the run carried over. */
export interface CarriedFailures {
  readonly failed: readonly Failed[];
  readonly since: readonly (readonly [id: string, ms: number])[];
}

/** The partitions that failed in a run, and since when: for so long, the run builds them again by itself. */
export class FailedPartitions {
  readonly #failed: Map<string, Failed>;
  /** Of those that are built again as well. In milliseconds since 1970. */
  readonly #since: Map<string, number>;

  constructor({ failed = [], since = [] }: Partial<CarriedFailures> = {}) {
    this.#failed = new Map(failed.map((each) => [idOf(each), each]));
    this.#since = new Map(since);
  }

  get all(): readonly Failed[] {
    return [...this.#failed.values()];
  }

  get carried(): CarriedFailures {
    return { failed: this.all, since: [...this.#since] };
  }

  add(failed: Failed, nowMs: number): void {
    const id = idOf(failed);
    this.#failed.set(id, failed);
    if (!this.#since.has(id)) this.#since.set(id, nowMs);
  }

  /** It was built. */
  built(partition: Named): void {
    this.#since.delete(idOf(partition));
  }

  /** Those that the run still builds again by itself. @param retrySeconds by dataset */
  again(
    retrySeconds: Readonly<Record<string, number>>,
    nowMs: number,
  ): readonly { readonly failed: Failed; readonly leftMs: number }[] {
    return [...this.#failed]
      .map(([id, failed]) => {
        const seconds = retrySeconds[failed.dataset] ?? RETRY_SECONDS;
        return { failed, leftMs: (this.#since.get(id) ?? nowMs) + seconds * 1000 - nowMs };
      })
      .filter(({ leftMs }) => leftMs > 0);
  }

  /** They are built again. */
  retry(partitions: readonly Named[]): void {
    for (const each of partitions) this.#failed.delete(idOf(each));
  }

  /** All are built again, for as long as at first. */
  retryAll(): void {
    this.#failed.clear();
    this.#since.clear();
  }
}
