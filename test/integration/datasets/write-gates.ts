import type { ETag, ObjectStore } from '../../../src/clients/object-store.ts';

/** A write that is held. */
export interface HeldWrite {
  /** Its key, once it is held. */
  readonly isMet: Promise<string>;
  /** Lets it continue. */
  release(): void;
}

interface Gate {
  readonly key: RegExp;
  readonly when: 'before' | 'after';
  readonly met: PromiseWithResolvers<string>;
  readonly open: PromiseWithResolvers<void>;
}

/** Holds writes of workers to S3, so that something happens just before or after them. */
export class WriteGates {
  readonly #gates: Gate[] = [];
  readonly #lost: RegExp[] = [];

  /** Holds the next write to such a key: before it is sent, or before its caller has the response. */
  hold(when: Gate['when'], key: RegExp): HeldWrite {
    const gate = { key, when, met: Promise.withResolvers<string>(), open: Promise.withResolvers<void>() };
    this.#gates.push(gate);
    return { isMet: gate.met.promise, release: () => gate.open.resolve() };
  }

  /** Loses the response to the next write to such a key: it is sent again, as S3's client does, and the caller gets the second answer. */
  loseResponse(key: RegExp): void {
    this.#lost.push(key);
  }

  /** The same store, whose writes are held. */
  over(store: ObjectStore): ObjectStore {
    return {
      ...store,
      put: (...given) => this.#pass(given[0], () => store.put(...given)),
      putNew: (...given) => this.#pass(given[0], () => store.putNew(...given)),
      putIfMatch: (...given) => this.#pass(given[0], () => store.putIfMatch(...given)),
    };
  }

  async #pass<Answer extends ETag | 'exists' | 'changed'>(
    key: string,
    write: () => Promise<Answer>,
  ): Promise<Answer> {
    await this.#wait('before', key);
    const answer = await write();
    await this.#wait('after', key);
    const lost = this.#lost.findIndex((each) => each.test(key));
    if (lost < 0) return answer;
    this.#lost.splice(lost, 1);
    return write();
  }

  async #wait(when: Gate['when'], key: string): Promise<void> {
    const at = this.#gates.findIndex((gate) => gate.when === when && gate.key.test(key));
    const [gate] = at < 0 ? [] : this.#gates.splice(at, 1);
    gate?.met.resolve(key);
    await gate?.open.promise;
  }
}
