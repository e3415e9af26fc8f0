import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PostgresPrograms } from '../../parts/postgres.ts';
import { type Account, allMayEnter, postgresAccount } from './unprivileged-account.ts';

/** The directories and the account that one stack's PostgreSQL uses. */
export interface PostgresHome {
  binDirectory: string;
  /** It exists and belongs to the account. It is empty before the first start. */
  dataDirectory: string;
  account: Account | undefined;
}

const outpostNote = (directory: string) => join(directory, 'postgres-outpost');

/**
 * Chooses the directories. Normally the data is in the stack's directory. If root starts the stack, PostgreSQL runs
 * under another account, which may be unable to enter the checkout or the cache (home directories are often closed to
 * others). Then the data, and the programs if necessary, are in an outpost below /var/tmp, and the stack's directory
 * records its path.
 */
export function postgresHome(directory: string, programs: PostgresPrograms): PostgresHome {
  const account = postgresAccount();
  const place = !account || allMayEnter(directory) ? directory : outpostOf(directory);
  const dataDirectory = join(place, 'postgres');
  if (!existsSync(dataDirectory)) {
    mkdirSync(dataDirectory, { mode: 0o700 });
    if (account) chownSync(dataDirectory, account.uid, account.gid);
  }
  let { binDirectory } = programs;
  if (account && programs.selfContained && !allMayEnter(binDirectory)) {
    const copy = join(outpostOf(directory), 'programs');
    if (!existsSync(copy))
      cpSync(join(binDirectory, '..'), copy, { recursive: true, verbatimSymlinks: true });
    binDirectory = join(copy, 'bin');
  }
  return { binDirectory, dataDirectory, account };
}

/** The outposts of a stack's directory, which must be deleted together with it. */
export function outpostsOf(directory: string): string[] {
  try {
    return [readFileSync(outpostNote(directory), 'utf8')];
  } catch {
    return [];
  }
}

function outpostOf(directory: string): string {
  const [noted] = outpostsOf(directory);
  if (noted && existsSync(noted)) return noted;
  const outpost = mkdtempSync('/var/tmp/tributary-postgres-');
  chmodSync(outpost, 0o755);
  writeFileSync(outpostNote(directory), outpost, { mode: 0o600 });
  return outpost;
}
