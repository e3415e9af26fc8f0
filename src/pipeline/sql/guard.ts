/**
 * A statement that fails, and with it the whole transaction, unless a condition holds. A batch has no IF, so it uses a
 * division by zero.
 * @param condition an SQL condition over aggregates, so that there is exactly one row to divide for
 * @param from the text after FROM
 */
export function guard(condition: string, from: string): string {
  return `SELECT 1 / (CASE WHEN ${condition} THEN 1 ELSE 0 END) AS "guard" FROM ${from}`;
}
