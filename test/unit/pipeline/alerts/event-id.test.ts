import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventId } from '../../../../src/pipeline/alerts/event-id.ts';

test('the same cause has the same id, on every machine and in every version', () => {
  expect(eventId(['failed', 'default', 'refresh-orders', '0b5c', 'é'])).toBe(
    eventId(['failed', 'default', 'refresh-orders', '0b5c', 'é']),
  );
  // Receivers have seen these: a new version must not change them.
  expect(eventId([])).toBe('68cd36b2b0757277b806e94485d3aec3');
  expect(eventId(['waiting', 'orders'])).toBe('ec7f909b02639ec690a3bb50f373b5c1');
});

test('causes that differ anywhere have different ids', () => {
  const causes = fc.uniqueArray(fc.array(fc.string({ unit: 'binary', maxLength: 4 }), { maxLength: 4 }), {
    selector: (parts) => JSON.stringify(parts),
    minLength: 2,
    maxLength: 200,
  });
  fc.assert(
    fc.property(causes, (all) => {
      expect(new Set(all.map(eventId)).size).toBe(all.length);
    }),
  );
});

test('where one part ends and the next begins counts', () => {
  expect(eventId(['ab', 'c'])).not.toBe(eventId(['a', 'bc']));
  expect(eventId(['a,b'])).not.toBe(eventId(['a', 'b']));
});
