/**
 * A statement that fails, and its whole transaction with it, unless a condition holds: a batch has no IF, but it
 * has a division by zero.
 * @param condition an SQL condition over aggregates, so that there is exactly one row to divide for.
 * @param from what stands after FROM.
 */
export function guard(condition: string, from: string): string {
  return `SELECT 1 / (CASE WHEN ${condition} THEN 1 ELSE 0 END) AS "guard" FROM ${from}`;
}
