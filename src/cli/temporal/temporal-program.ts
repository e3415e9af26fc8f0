import { findPartHere } from '../../../local/parts/find-part.ts';
import { temporal } from '../../../local/parts/temporal.ts';

/**
 * How to start the `temporal` CLI from a shell, for commands that are printed. It is seldom on PATH where only the local
 * stack has installed it.
 */
export async function temporalProgram(): Promise<string> {
  const found = await findPartHere(temporal).catch(() => undefined);
  if (found === undefined || found.from === 'PATH') return temporal.program;
  return /^[\w./@+-]+$/.test(found.path) ? found.path : `'${found.path.replaceAll("'", `'\\''`)}'`;
}
