import { z } from 'zod';
import type { TerminalCode } from '../failure/failure-codes.ts';
import type { Marker } from '../load/marker.ts';
import { isUndoneBackup } from '../staging/staging.ts';
import { type BackupCandidate, backupsOf } from './backups.ts';
import type { LiveState } from './live-state.ts';
import { refuseBeforehand } from './replace-plan.ts';

/**
 * What one rollback does. It is chosen once and stored, so that a retry, or a reset of its workflow, does not choose again
 * and go back further.
 */
export const RollbackChoice = z.object({
  version: z.literal(1),
  schema: z.string(),
  /** The run that was live; null if nothing was. */
  from: z.string().nullable(),
  /** The run to restore, which `backupSchema` holds. */
  to: z.string(),
  extractedFrom: z.string(),
  backupSchema: z.string(),
  chosenAt: z.string(),
});
export type RollbackChoice = z.infer<typeof RollbackChoice>;

type Choice =
  | { readonly kind: 'backup'; readonly name: string; readonly marker: Marker }
  /** Live already holds the requested run. */
  | { readonly kind: 'already'; readonly marker: Marker }
  | {
      readonly kind: 'refuse';
      readonly code: TerminalCode;
      readonly reason: string;
      readonly whatToDo: string;
    };

/**
 * Chooses what to roll back to: the requested run, else the newest backup that was not itself rolled back. Only this
 * pipeline's backups count. The live schema must be this pipeline's, empty or missing.
 */
export function chooseBackup(asked: {
  readonly schema: string;
  readonly pipeline: string;
  readonly live: LiveState;
  readonly candidates: readonly BackupCandidate[];
  /** A run's name. */
  readonly to?: string | undefined;
}): Choice {
  const { schema, pipeline, live, candidates, to } = asked;
  const refusal = refuseBeforehand(schema, pipeline, live);
  if (refusal !== undefined) return refusal;
  if (to !== undefined && live.marker?.run === to) return { kind: 'already', marker: live.marker };
  const backups = backupsOf(schema, pipeline, candidates);
  const chosen = backups.find(({ name, marker }) =>
    to === undefined ? !isUndoneBackup(schema, marker.run, name) : marker.run === to,
  );
  if (chosen !== undefined) return { kind: 'backup', name: chosen.name, marker: chosen.marker };
  const runs = backups.map(({ marker }) => marker.run);
  if (runs.length === 0) {
    return {
      kind: 'refuse',
      code: 'NoBackup',
      reason: `Schema ${schema} has no backup of pipeline ${pipeline}.`,
      whatToDo:
        'If the files of an earlier run are still in S3, load them again: ' +
        `\`tributary run ${pipeline} --run <run> --from prepare --older\``,
    };
  }
  return {
    kind: 'refuse',
    code: 'NoBackup',
    reason:
      to === undefined
        ? `The only backups of schema ${schema} are those that were rolled back: ${runs.join(', ')}.`
        : `Schema ${schema} has no backup of run ${to}. There are backups of: ${runs.join(', ')}.`,
    whatToDo: `Name one of these runs, for example: \`tributary rollback ${pipeline} --to ${runs[0]} --wait\``,
  };
}
