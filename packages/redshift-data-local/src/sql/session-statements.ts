import { quoteLiteral } from './identifier.ts';
import type { StatementBody } from './translated-statement.ts';
import type { Translation } from './translation.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** Parameters that mean the same to PostgreSQL. */
const PASSED_ON = new Set(['statement_timeout', 'timezone', 'datestyle', 'extra_float_digits']);
/** Parameters without effect on queries here: stored for SHOW. */
const KEPT: Record<string, string> = {
  query_group: 'unset',
  enable_result_cache_for_session: 'on',
  wlm_query_slot_count: '1',
  analyze_threshold_percent: '10',
  application_name: '',
  max_concurrency_scaling_clusters: '1',
  mv_enable_aqmv_for_session: 'on',
  spectrum_enable_pseudo_columns: 'on',
};
/** Parameters that would change how statements are parsed: only their defaults are supported. */
const FIXED: Record<string, string[]> = {
  enable_case_sensitive_identifier: ['off', 'false'],
  enable_case_sensitive_super_attribute: ['off', 'false'],
  downcase_delimited_identifier: ['on', 'true'],
  navigate_super_null_on_error: ['on', 'true'],
  cast_super_null_on_error: ['on', 'true'],
  json_parse_truncate_strings: ['off', 'false'],
};

/** `SET [SESSION|LOCAL] parameter {TO|=} value` */
export function set(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('set');
  if (reader.isWords('session', 'authorization') || reader.isWords('local', 'session', 'authorization'))
    throw new NotSupported('SET SESSION AUTHORIZATION');
  const local = reader.acceptOneOf('session', 'local') === 'local';
  const name = parameterName(t);
  if (!reader.acceptOperator('=')) reader.expectWords('to');
  const command = 'SET';
  const scope = local ? 'LOCAL ' : '';
  if (name === 'search_path') {
    const schemas = reader.list(() => schemaOfPath(t));
    return { command, steps: [`SET ${scope}search_path = ${schemas.join(', ')}`] };
  }
  const value = parameterValue(t);
  if (name in FIXED) {
    if (value !== 'default' && !FIXED[name]!.includes(value))
      throw new NotSupported(`SET ${name} TO ${value}`);
    return { command, steps: ['SELECT 1'] };
  }
  if (PASSED_ON.has(name)) {
    const setting = value === 'default' ? 'DEFAULT' : quoteLiteral(value);
    return { command, steps: [`SET ${scope}${name} = ${setting}`] };
  }
  const setting = value === 'default' ? KEPT[name]! : value;
  return { command, steps: [`SELECT set_config('redshift.${name}', ${quoteLiteral(setting)}, ${local})`] };
}

/** `RESET parameter`, `RESET ALL` */
export function reset(t: Translation): StatementBody {
  t.reader.expectWords('reset');
  if (t.reader.acceptWords('all')) throw new NotSupported('RESET ALL');
  const name = parameterName(t);
  if (name in FIXED) return { command: 'RESET', steps: ['SELECT 1'] };
  if (PASSED_ON.has(name) || name === 'search_path') return { command: 'RESET', steps: [`RESET ${name}`] };
  return {
    command: 'RESET',
    steps: [`SELECT set_config('redshift.${name}', ${quoteLiteral(KEPT[name]!)}, false)`],
  };
}

/** `SHOW parameter` */
export function show(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('show');
  for (const what of [
    'tables',
    'schemas',
    'databases',
    'columns',
    'grants',
    'parameters',
    'table',
    'view',
    'all',
  ]) {
    if (reader.isWords(what)) throw new NotSupported(`SHOW ${what.toUpperCase()}`);
  }
  const name = parameterName(t);
  const value =
    name in FIXED
      ? quoteLiteral(FIXED[name]![0]!)
      : name in KEPT
        ? `coalesce(nullif(current_setting('redshift.${name}', true), ''), ${quoteLiteral(KEPT[name]!)})`
        : `current_setting('${name}')`;
  return { command: 'SHOW', steps: [`SELECT ${value} AS "${name}"`], hasResultSet: true };
}

function parameterName(t: Translation): string {
  const written = t.reader.peek().text;
  const name = t.reader.identifier();
  if (name !== 'search_path' && !PASSED_ON.has(name) && !(name in KEPT) && !(name in FIXED))
    throw new NotSupported(`the configuration parameter ${written}`);
  return name;
}

function parameterValue(t: Translation): string {
  const { reader } = t;
  if (reader.peek().kind === 'string') return reader.string();
  const minus = reader.acceptOperator('-') ? '-' : '';
  if (reader.peek().kind === 'number') return minus + reader.next().value;
  return reader.identifier();
}

function schemaOfPath(t: Translation): string {
  const { reader } = t;
  const name = reader.peek().kind === 'string' ? reader.string().toLowerCase() : reader.identifier();
  if (name.startsWith('_redshift')) throw new RedshiftError(`schema "${name}" does not exist`, '3F000');
  return t.names.quote(name);
}

/** `BEGIN`, `START TRANSACTION`: a batch is already in a transaction; the run checks whether it is one. */
export function begin(t: Translation): StatementBody {
  const { reader } = t;
  if (!reader.acceptWords('start', 'transaction')) {
    reader.expectWords('begin');
    reader.acceptOneOf('work', 'transaction');
  }
  let isReadOnly = false;
  while (!reader.atEnd && !reader.isOperator(';')) {
    if (reader.acceptWords('isolation', 'level')) {
      // Every level is treated as SERIALIZABLE (AWS: "BEGIN").
      const known =
        reader.acceptOneOf('serializable') ??
        (reader.acceptWords('repeatable', 'read') ||
        reader.acceptWords('read', 'committed') ||
        reader.acceptWords('read', 'uncommitted')
          ? 'known'
          : undefined);
      if (known === undefined) throw reader.syntaxError();
    } else if (reader.acceptWords('read', 'only')) isReadOnly = true;
    else if (reader.acceptWords('read', 'write')) isReadOnly = false;
    else throw reader.syntaxError();
    reader.acceptOperator(',');
  }
  const steps = isReadOnly ? ['SET TRANSACTION READ ONLY'] : [];
  return { command: 'BEGIN', steps, transaction: 'begins', isReadOnly };
}

export function commit(t: Translation): StatementBody {
  if (t.reader.acceptOneOf('commit', 'end') === undefined) throw t.reader.syntaxError();
  t.reader.acceptOneOf('work', 'transaction');
  return { command: 'COMMIT', steps: [], transaction: 'commits' };
}

export function rollback(t: Translation): StatementBody {
  if (t.reader.acceptOneOf('rollback', 'abort') === undefined) throw t.reader.syntaxError();
  t.reader.acceptOneOf('work', 'transaction');
  return { command: 'ROLLBACK', steps: [], transaction: 'rollsBack' };
}

/** `VACUUM [FULL|SORT ONLY|DELETE ONLY|REINDEX|RECLUSTER] [table] [TO n PERCENT] [BOOST]`: without effect here. */
export function vacuum(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('vacuum');
  const kind = reader.acceptOneOf('full', 'sort', 'delete', 'reindex', 'recluster');
  if (kind === 'sort' || kind === 'delete') reader.expectWords('only');
  const steps: string[] = [];
  if (reader.isIdentifier() && !reader.isWords('boost'))
    steps.push(`SELECT ${quoteLiteral(t.target(t.relationName()))}::regclass`);
  if (reader.acceptWords('to')) {
    reader.integer();
    reader.expectWords('percent');
  }
  reader.acceptWords('boost');
  return { command: 'VACUUM', steps, transaction: 'alone' };
}

/** `CANCEL pid ['message']` */
export function cancel(t: Translation): StatementBody {
  t.reader.expectWords('cancel');
  const pid = t.reader.integer();
  if (t.reader.peek().kind === 'string') t.reader.string();
  return { command: 'CANCEL', steps: [`SELECT pg_cancel_backend(${pid})`] };
}
