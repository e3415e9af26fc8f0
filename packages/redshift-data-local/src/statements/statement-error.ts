import { CopyFailure } from '../copy/copy-failure.ts';
import { NotSupported } from '../sql/unsupported.ts';

type PostgresError = Error & { code?: string; detail?: string; constraint?: string };

/** What failed. Redshift's wording depends on it. */
interface ErrorContext {
  queryId: number;
  pid: number;
  /** The statement reads users' tables, so compute nodes run it. */
  readsTables: boolean;
  /** A COPY's table. */
  copyTable?: string;
  longName(physical: string): string;
}

/** The Data API's `Error` text for an error that a statement threw. */
export function statementError(error: unknown, context: ErrorContext): string {
  if (error instanceof CopyFailure)
    return `ERROR: ${error.message}\n  Detail: ${error.detail(context.queryId, context.pid)}`;
  const { code, message, detail, constraint } = error as PostgresError;
  if (error instanceof NotSupported) return `ERROR: ${message}`;
  const checked = /^bytes of (.*) [0-9a-f]{16}$/.exec(constraint ?? '');
  if (code === '23514' && checked) return `ERROR: value too long for type ${checked[1]}`;
  if (code === '22012') return `ERROR: ${context.readsTables ? 'Divide by zero' : 'division by zero'}`;
  if (code === '40001') {
    return `ERROR: 1023\n  Detail: Serializable isolation violation on a table, transactions forming the cycle are not known here (${message})`;
  }
  if (code === '21000' && message.startsWith('MERGE command'))
    return 'ERROR: Found multiple matches to update the same tuple.';
  if (code === '428C9') return 'ERROR: cannot set an identity column to a value';
  // By CANCEL or pg_cancel_backend(); the runner handles the Data API's own cancellation.
  if (code === '57014') return `ERROR: Query (${context.queryId}) cancelled on user's request`;
  if (code === '42P01' && context.copyTable !== undefined)
    return `ERROR: Cannot COPY into nonexistent table ${context.copyTable}`;
  if (code === '54000' && message.startsWith('row is too big')) {
    return `ERROR: not supported by the local Redshift: a row this wide. PostgreSQL's rows end at 8 KB where Redshift's go to 4 MB (${message})`;
  }
  const shown = [message, ...(detail === undefined ? [] : [`  Detail: ${detail}`])].join('\n');
  return `ERROR: ${shown.replace(/[^\s".()]+~[0-9a-f]{18}/g, (physical) => context.longName(physical))}`;
}
