import { quoteIdentifier } from '../sql/identifier.ts';
import { MAX_STAGED_COLUMNS } from './staging.ts';
import { type MergeRule, type Target, type TargetColumn, typeOf } from './target.ts';
import { OWN_COLUMNS } from './temporary-tables.ts';
import { RECORDED_AT } from './tombstones.ts';

/** What is wrong with a target, for `config check` and for the first batch. */
export interface TargetProblems {
  /** The loader cannot work. */
  readonly refusals: readonly string[];
  /** It works, but perhaps not as meant. */
  readonly warnings: readonly string[];
}

/** Checks a table against the rule of its loader. @param rule absent: rows are appended */
export function targetProblems(target: Target, rule?: MergeRule): TargetProblems {
  const refusals: string[] = [];
  const warnings: string[] = [];
  const name = `${target.schema}.${target.table}`;
  const found = (column: string, what: string): TargetColumn | undefined => {
    const one = target.columns.find((each) => each.name === column);
    if (one === undefined) refusals.push(`${name} has no column ${column}, which is ${what}`);
    return one;
  };
  if (target.columns.length > MAX_STAGED_COLUMNS) {
    refusals.push(
      `${name} has ${target.columns.length} columns; a loader needs some of its own beside them and takes at most ` +
        `${MAX_STAGED_COLUMNS}`,
    );
  }
  if (rule === undefined) return { refusals, warnings };
  for (const { name: column } of target.columns) {
    const isOwn = OWN_COLUMNS.some((own) => own === quoteIdentifier(column));
    const isKept = column === RECORDED_AT && [...rule.key, rule.newest].includes(column);
    if (isOwn || isKept)
      refusals.push(
        `${name} has a column ${column}, a name that Tributary needs for itself when it merges: rename it`,
      );
  }
  for (const key of rule.key) {
    const column = found(key, 'in merge.key');
    if (column === undefined) continue;
    const why = keyRefusal(target, column);
    if (why !== undefined) refusals.push(`${name}.${key} cannot be in merge.key: ${why}`);
  }
  if (rule.key.includes(rule.newest)) {
    refusals.push(`${rule.newest} is in merge.key and merge.newest: then every value is a row of its own`);
  }
  const newest = found(rule.newest, 'merge.newest');
  if (newest !== undefined) {
    const { kind, sql } = typeOf(target, newest.name);
    if (kind === 'super' || kind === 'boolean')
      refusals.push(`${name}.${newest.name} cannot be merge.newest: ${sql} has no useful order`);
    if (kind === 'character' || kind === 'char')
      warnings.push(
        `${name}.${newest.name} is merge.newest, and text: it is compared as text, so '9' is newer than '10'. ` +
          'Use a number or a timestamp, unless all values have the same form and length.',
      );
  }
  const marker = target.columns.find((each) => each.name === rule.deletes?.column.toLowerCase());
  if (marker !== undefined && !MARKER_KINDS.has(typeOf(target, marker.name).kind)) {
    refusals.push(
      `${name}.${marker.name} cannot mark deletes: it is ${marker.type}, neither text nor a whole number nor BOOLEAN`,
    );
  }
  for (const column of target.columns) {
    if (typeOf(target, column.name).kind === 'opaque')
      refusals.push(
        `${name}.${column.name} is ${column.type}, whose values have no order: rows can only be appended`,
      );
    if (column.isIdentity)
      refusals.push(
        `${name}.${column.name} is an IDENTITY column: a merge writes rows again, with other numbers`,
      );
  }
  return { refusals, warnings };
}

const MARKER_KINDS: ReadonlySet<string> = new Set(['character', 'char', 'whole', 'boolean']);

function keyRefusal(target: Target, column: TargetColumn): string | undefined {
  const { kind } = typeOf(target, column.name);
  if (kind === 'float') return `values of ${column.type} do not compare exactly`;
  if (kind === 'char') return 'CHAR does not keep blanks at the end of a value; use VARCHAR';
  if (kind === 'super' || kind === 'opaque') return `${column.type} values cannot be compared`;
  if (column.isCaseInsensitive)
    return 'its collation is CASE_INSENSITIVE, so that different keys compare as equal';
  return undefined;
}
