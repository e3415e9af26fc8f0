import { type Mapping, withTypes } from './mapping.ts';

/** Whether both mappings write the same part files for the same items. Types do not matter: files hold text. */
export const isSameReading = (a: Mapping, b: Mapping): boolean => readingOf(a) === readingOf(b);

function readingOf(mapping: Mapping): string {
  const { columns, ...rest } = withTypes(mapping, {});
  const set = Object.entries(columns).filter(([, column]) => Object.keys(column).length > 0);
  return JSON.stringify({ ...rest, columns: Object.fromEntries(set) }, sortedKeys);
}

const sortedKeys = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
