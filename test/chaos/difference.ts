/** How rows differ from those expected, compared as texts, in any order: one line, or none if they are the same. */
export function difference(table: string, expected: readonly string[], found: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const row of expected) count.set(row, (count.get(row) ?? 0) + 1);
  for (const row of found) count.set(row, (count.get(row) ?? 0) - 1);
  const differing = [...count].filter(([, n]) => n !== 0);
  if (differing.length === 0) return [];
  const some = differing.slice(0, 3).map(([row, n]) => `${n > 0 ? 'missing' : 'too many'}: ${row}`);
  return [
    `${table} differs in ${differing.length} rows of ${expected.length} (${found.length} found): ${some.join('; ')}`,
  ];
}
