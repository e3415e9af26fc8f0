interface Entry<T> {
  readonly dueMs: number;
  readonly value: T;
}

/** What becomes due, earliest first: a binary heap. */
export class DueHeap<T> {
  readonly #entries: Entry<T>[] = [];

  get first(): Entry<T> | undefined {
    return this.#entries[0];
  }

  push(dueMs: number, value: T): void {
    const entries = this.#entries;
    let at = entries.push({ dueMs, value }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (entries[parent]!.dueMs <= entries[at]!.dueMs) return;
      this.#swap(parent, at);
      at = parent;
    }
  }

  /** Removes the first entry. */
  pop(): T | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || first === last) return first?.value;
    entries[0] = last!;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < entries.length && entries[child]!.dueMs < entries[least]!.dueMs) least = child;
      }
      if (least === at) return first.value;
      this.#swap(least, at);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const entries = this.#entries;
    [entries[a], entries[b]] = [entries[b]!, entries[a]!];
  }
}
