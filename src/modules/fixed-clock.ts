/**
 * Gives this thread one time and no chance, so that the same inputs give the same rows. It is for code that means no harm.
 * @param ms what `new Date()` and `Date.now()` are, in milliseconds since 1970
 */
export function fixClock(ms: number): void {
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, itself) =>
      Reflect.construct(target, given.length === 0 ? [ms] : given, itself) as Date,
    apply: (target) => new target(ms).toString(),
    get: (target, key) => (key === 'now' ? () => ms : Reflect.get(target, key)),
  });
  Math.random = refused('Math.random');
  globalThis.crypto.getRandomValues = refused('crypto.getRandomValues');
  globalThis.crypto.randomUUID = refused('crypto.randomUUID');
  globalThis.fetch = refused('fetch');
}

const refused = (name: string) => (): never => {
  throw new Error(`a step must give the same rows for the same inputs, so it has no ${name}`);
};
