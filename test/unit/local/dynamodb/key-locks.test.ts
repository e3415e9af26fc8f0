import { expect, test } from '@jest/globals';
import { KeyLocks } from '../../../../local/dynamodb/key-locks.ts';

/** Work that ends on request. */
function work(done: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = async () => {
    done.push(`${name} begins`);
    await promise;
    done.push(`${name} ends`);
  };
  return { run, end: resolve };
}

test('works with a common key take turns in their order, and others do not wait', async () => {
  const locks = new KeyLocks();
  const done: string[] = [];
  const [first, both, other] = [work(done, 'first'), work(done, 'both'), work(done, 'other')];
  const all = [
    locks.holding(['a'], first.run),
    locks.holding(['b', 'a'], both.run),
    locks.holding(['c'], other.run),
  ];
  expect(done).toEqual(['first begins', 'other begins']);
  for (const each of [first, both, other]) each.end();
  await Promise.all(all);
  expect(done.indexOf('both begins')).toBeGreaterThan(done.indexOf('first ends'));
});

test('a work that fails lets the next one begin', async () => {
  const locks = new KeyLocks();
  const failing = locks.holding(['a'], async () => await Promise.reject(new Error('no')));
  const next = locks.holding(['a'], async () => await Promise.resolve('done'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});

test('closing waits for works that have begun, and refuses others', async () => {
  const locks = new KeyLocks();
  const done: string[] = [];
  const one = work(done, 'one');
  const held = locks.holding(['a'], one.run);
  const closed = locks.close().then(() => done.push('closed'));
  await expect(locks.holding(['b'], one.run)).rejects.toMatchObject({ name: 'InternalServerError' });
  one.end();
  await Promise.all([held, closed]);
  expect(done).toEqual(['one begins', 'one ends', 'closed']);
});
