import { describe, expect, test } from '@jest/globals';
import { conditionProblem } from '../../../../src/pipeline/bulk-load/condition.ts';

describe('the condition of a replacement', () => {
  test.each([
    "day = '2026-11-01'",
    `"day" >= '2026-11-01' AND "day" < '2026-12-01'`,
    "(day = '2026-11-01' OR day IS NULL) AND place <> 'it''s -- here; select'",
    "date_trunc('month', day) = '2026-11-01'::date",
    'selected = 1 AND unions IN (1, 2)',
    `"select" = 1`,
  ])('may be %s', (condition) => {
    expect(conditionProblem(condition)).toBeUndefined();
  });

  test.each([
    ['', 'empty'],
    ['day = 1; DROP TABLE quakes', 'semicolon'],
    ['id IN (SELECT id FROM other)', 'has the word SELECT'],
    ['true) OR (true', 'parentheses'],
    ["day = 'a", 'quote that is not closed'],
    ["day = 'a\\' OR true --'", 'backslash'],
    ['day = 1 -- of all weeks', 'comment'],
    ['day = 1 /* of all weeks */', 'comment'],
    ['day = $$a$$', 'dollar sign'],
    ['day = 1\nOR true', 'control character'],
    ['true UNION ALL (true)', 'has the word UNION'],
  ])('may not be %j', (condition, why) => {
    expect(conditionProblem(condition)).toContain(why);
  });
});
