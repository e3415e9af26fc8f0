import type { StatementBody } from '../translated-statement.ts';
import { Translation } from '../translation.ts';
import { RedshiftError } from '../unsupported.ts';
import { checkUnloadOptions, MAX_FILE_BYTES, unloadOption } from './unload-options.ts';

/** An UNLOAD as written, with every option. */
export interface UnloadStatement {
  /** For PostgreSQL. */
  query: string;
  /** `s3://bucket/prefix` that the names of all files begin with. */
  to: string;
  iamRole: string;
  format: 'csv' | 'text' | 'parquet';
  manifest: 'none' | 'plain' | 'verbose';
  header: boolean;
  delimiter: string;
  addQuotes: boolean;
  escape: boolean;
  /** Absent: an empty field. */
  nullAs?: string;
  compression: 'none' | 'gzip' | 'zstd';
  allowOverwrite: boolean;
  /** Deletes what is there before. */
  cleanPath: boolean;
  parallel: boolean;
  maxFileBytes: number;
}

/** `UNLOAD ('select …') TO 's3://…' authorization [options]` */
export function unload(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('unload');
  reader.expectOperator('(');
  const text = reader.string();
  reader.expectOperator(')');
  reader.expectWords('to');
  const to = reader.string();
  if (!/^s3:\/\/[^/]+\/./.test(to)) throw new RedshiftError(`Invalid S3 path: ${to}`);
  const statement: UnloadStatement = {
    ...{ query: selectOf(t, text), to, iamRole: '', format: 'text', manifest: 'none', header: false },
    ...{ delimiter: '', addQuotes: false, escape: false, compression: 'none', allowOverwrite: false },
    ...{ cleanPath: false, parallel: true, maxFileBytes: MAX_FILE_BYTES },
  };
  const seen = new Set<string>();
  while (!reader.atEnd && !reader.isOperator(';')) unloadOption(t, statement, seen);
  if (!seen.has('delimiter')) statement.delimiter = statement.format === 'csv' ? ',' : '|';
  checkUnloadOptions(statement, seen);
  return { command: 'UNLOAD', steps: [], unload: statement };
}

/** The query inside the quotes. AWS: "The SELECT query can't use a LIMIT clause in the outer SELECT". */
function selectOf(t: Translation, text: string): string {
  const inner = new Translation(text, t.warehouse, t.parameters, t.query, t.names);
  if (!['select', 'with', '('].includes(inner.reader.peek().value)) throw inner.reader.syntaxError();
  let depth = 0;
  for (const token of inner.reader.tokens) {
    if (token.kind === 'operator') depth += token.value === '(' ? 1 : token.value === ')' ? -1 : 0;
    if (depth === 0 && token.kind === 'word' && token.value === 'limit')
      throw new RedshiftError('Limit clause is not supported in the outermost select of an UNLOAD', '0A000');
  }
  const query = t.query(inner);
  inner.reader.expectEnd();
  t.read.push(...inner.read);
  for (const name of inner.functionsUsed) t.functionsUsed.add(name);
  for (const name of inner.systemRelations) t.systemRelations.add(name);
  return query;
}
