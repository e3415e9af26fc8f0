import { describe, expect, test } from '@jest/globals';
import { Turns } from '../../../../src/workflows/changes/turns.ts';

describe('changes are applied', () => {
  test('to live whenever no staging schema is followed', () => {
    const turns = new Turns();
    turns.begun('live');
    expect(turns.isLives(false, 0)).toBe(true);
    expect(turns.isLives(false, 30)).toBe(true);
  });

  test('to live and to staging in turn', () => {
    const turns = new Turns();
    expect(turns.isLives(true, 0)).toBe(true);
    turns.begun('live');
    expect(turns.isLives(true, 0)).toBe(false);
    turns.begun('staging');
    expect(turns.isLives(true, 0)).toBe(true);
    expect(turns.isLives(true, 5)).toBe(false);
  });

  test('to staging also if each round on live takes so long that a look at the runs is due', () => {
    const turns = new Turns();
    turns.begun('live');
    turns.begun('look');
    expect(turns.isLives(true, 0)).toBe(false);
    turns.begun('staging');
    turns.begun('look');
    expect(turns.isLives(true, 0)).toBe(true);
  });
});
