import { expect, test } from '@jest/globals';
import { freeMemory } from '../../../src/memory/free-memory.ts';

test('a buffer with memory of its own is empty afterwards', () => {
  const memory = new ArrayBuffer(1000);
  freeMemory(new Uint8Array(memory));
  expect({ bytes: memory.byteLength, detached: memory.detached }).toEqual({ bytes: 0, detached: true });
});

test('a buffer that is only a part of its memory, and an empty one, are left alone', () => {
  const memory = new ArrayBuffer(1000);
  freeMemory(new Uint8Array(memory, 0, 999));
  freeMemory(new Uint8Array(memory, 1));
  const empty = new ArrayBuffer(0);
  freeMemory(new Uint8Array(empty));
  expect({ bytes: memory.byteLength, detached: empty.detached }).toEqual({ bytes: 1000, detached: false });
});

test('a buffer from the pool that Node shares between small buffers is left alone', () => {
  const text = 'small buffers share memory';
  const [one, other] = [Buffer.from(text), Buffer.from(text)];
  freeMemory(one);
  expect([one.toString(), other.toString()]).toEqual([text, text]);
});
