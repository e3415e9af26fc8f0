import { readFileSync } from 'node:fs';

/** This package's version. */
export function packageVersion(): string {
  const file = new URL(import.meta.resolve('@tributary-data/redshift-data-local/package.json'));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
