import { describe, expect, test } from '@jest/globals';
import { ApplyTurns } from '../../../../src/activities/runtime/apply-turns.ts';

const { signal } = new AbortController();

describe('the turns of applies', () => {
  test('are taken by so many at once, and by the next one once one has ended', async () => {
    const turns = new ApplyTurns(2);
    let most = 0;
    let taken = 0;
    const apply = async () => {
      const end = await turns.take(signal);
      most = Math.max(most, ++taken);
      await new Promise(setImmediate);
      taken--;
      end();
      end();
    };
    await Promise.all(Array.from({ length: 20 }, apply));
    expect(most).toBe(2);
  });

  test('are not waited for by an apply that is cancelled', async () => {
    const turns = new ApplyTurns(1);
    const end = await turns.take(signal);
    const cancelled = new AbortController();
    const waiting = turns.take(cancelled.signal);
    const next = turns.take(signal);
    cancelled.abort(new Error('paused'));
    await expect(waiting).rejects.toThrow('paused');
    end();
    await expect(next).resolves.toBeInstanceOf(Function);
  });
});
