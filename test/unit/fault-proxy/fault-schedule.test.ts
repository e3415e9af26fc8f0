import { describe, expect, test } from '@jest/globals';
import { FAULT_KINDS, FaultSchedule } from '../../../local/fault-proxy/fault-schedule.ts';

const rates = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0.05]));
const kindsOf = (schedule: FaultSchedule, operation: string, count = 2_000) =>
  Array.from({ length: count }, (_, i) => schedule.kindOf(operation, i + 1));

describe('a schedule of faults', () => {
  test('is the same for the same seed, and differs for another seed', () => {
    const schedule = (seed: number) => new FaultSchedule({ service: 's3', seed, rates });
    expect(kindsOf(schedule(7), 'GetObject')).toEqual(kindsOf(schedule(7), 'GetObject'));
    expect(kindsOf(schedule(7), 'GetObject')).not.toEqual(kindsOf(schedule(8), 'GetObject'));
  });

  test('does not depend on requests for other operations in between', () => {
    const alone = new FaultSchedule({ service: 's3', seed: 7, rates });
    const among = new FaultSchedule({ service: 's3', seed: 7, rates });
    const faults = Array.from({ length: 200 }, () => alone.next('PutObject').kind);
    const same = faults.map(() => {
      among.next('GetObject');
      return among.next('PutObject').kind;
    });
    expect(same).toEqual(faults);
  });

  test('injects each kind of fault about as often as its rate requires, and counts them', () => {
    const schedule = new FaultSchedule({ service: 'dynamodb', seed: 1, rates });
    for (let i = 0; i < 4_000; i++) schedule.next('Scan');
    for (const kind of FAULT_KINDS) {
      expect(schedule.injected[kind]).toBeGreaterThan(140);
      expect(schedule.injected[kind]).toBeLessThan(260);
    }
  });

  test('damages only answers that have a checksum', () => {
    const schedule = new FaultSchedule({ service: 'dynamodb', seed: 1, rates: { damaged: 1 } });
    expect(schedule.next('Scan').kind).toBe('damaged');
    expect(schedule.next('DescribeTable').kind).toBe('cut');
  });

  test('stops all faults at once', () => {
    const schedule = new FaultSchedule({ service: 's3', seed: 7, rates: { reset: 1 } });
    expect(schedule.next('PutObject').kind).toBe('reset');
    schedule.stop();
    expect(schedule.next('PutObject').kind).toBe('none');
    expect(schedule.injected.reset).toBe(1);
  });
});
