/**
 * Gives this thread one time and no chance, so that equal inputs give equal results. It is for code that means no harm.
 * @param ms what `new Date()` and `Date.now()` are, in milliseconds since 1970; undefined: they throw
 */
export function fixClock(ms: number | undefined): void {
  const now = ms === undefined ? refused('the current time') : () => ms;
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, itself) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, itself) as Date,
    apply: (target) => new target(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  Math.random = refused('Math.random');
  globalThis.crypto.getRandomValues = refused('crypto.getRandomValues');
  globalThis.crypto.randomUUID = refused('crypto.randomUUID');
  globalThis.fetch = refused('fetch');
}

const refused = (name: string) => (): never => {
  throw new Error(`a function must give the same result for the same inputs, so it has no ${name}`);
};
