import type { Warehouse } from '../../../src/clients/warehouse.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';

/** Statements of the warehouse that a test holds before they are submitted, by their names. */
export class HeldStatements {
  #holds: { readonly prefix: string; readonly released: Promise<void> }[] = [];
  readonly #seen: string[] = [];

  /** Holds statements whose names begin so. @returns what releases them */
  hold(prefix: string): () => void {
    const { promise: released, resolve } = Promise.withResolvers<void>();
    const hold = { prefix, released };
    this.#holds.push(hold);
    return () => {
      this.#holds = this.#holds.filter((each) => each !== hold);
      resolve();
    };
  }

  /** How many statements with such names were to be submitted so far. */
  count(prefix: string): number {
    return this.#seen.filter((name) => name.startsWith(prefix)).length;
  }

  in(dependencies: WorkerDependencies): WorkerDependencies {
    const held = (warehouse: Warehouse): Warehouse =>
      new Proxy(warehouse, {
        get: (target, property) => {
          const value: unknown = Reflect.get(target, property, target);
          if (property !== 'submit') return typeof value === 'function' ? value.bind(target) : value;
          return async (...args: Parameters<Warehouse['submit']>) => {
            const { name } = args[1];
            this.#seen.push(name);
            await this.#holds.find(({ prefix }) => name.startsWith(prefix))?.released;
            return target.submit(...args);
          };
        },
      });
    return { ...dependencies, warehouse: (target) => held(dependencies.warehouse(target)) };
  }
}
