import type { Leftover } from '../../contract/maintenance.ts';
import { ask } from '../terminal/ask.ts';
import { counted } from '../terminal/measures.ts';

/** Lists what would be removed, and asks. Without a terminal, nothing is removed unless `--yes` is given. */
export async function askToRemove(leftovers: readonly Leftover[], yes: boolean): Promise<boolean> {
  if (yes) return true;
  for (const each of leftovers) {
    const what = each.kind === 'schema' ? `schema ${each.name}` : `upload of ${each.key}`;
    process.stderr.write(`  ${what}: ${each.why}\n`);
  }
  const answer = await ask(`Remove ${counted(leftovers.length, 'leftover')}?`);
  if (answer === undefined) {
    process.stderr.write(
      'Nothing was removed: without a terminal, the command cannot ask. Use --yes to remove without asking.\n',
    );
  }
  return answer ?? false;
}
