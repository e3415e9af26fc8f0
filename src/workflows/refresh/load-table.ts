import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import {
  type LoadResult,
  type LoadTableInput,
  SIGNAL_TABLE_FAILED,
  SIGNAL_TABLE_SETTLED,
} from '../../contract/refresh.ts';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { byteSize, counted } from '../../pipeline/text/measures.ts';
import { notifyingOfFailure, notifyParent } from '../fan-out/notify-parent.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { explainingPartFailure } from './child-failure.ts';

const { loadTableFiles } = proxyActivities<ControlActivities>(profiles.statements);

/**
 * Loads one table of a prepared run: the files that the staging schema's ledger does not name yet, or only those of
 * some segments.
 *
 * 1. Guarded COPYs, each in one transaction with its ledger rows.
 * 2. Report success or failure to the parent, by its workflow id. The activity reports success itself, if it can.
 */
export async function loadTable(input: LoadTableInput): Promise<LoadResult> {
  refuseUnknownInput(input, {
    pipeline: true,
    run: true,
    table: true,
    stagingSchema: true,
    segments: true,
    staging: true,
    warehouse: true,
    parent: true,
  });
  const { parent, run, table } = input;
  const part = { kind: 'table', child: table } as const;
  const { reported, ...result } = await explainingPartFailure(
    { pipeline: input.pipeline, run, parent, part },
    () =>
      notifyingOfFailure(parent, SIGNAL_TABLE_FAILED, { table, run }, () =>
        loadTableFiles.executeWithOptions({ summary: `COPY into ${table}` }, [input]),
      ),
  );
  setCurrentDetails(`**Done**: ${counted(result.rows, 'row')}, ${byteSize(result.bytes)}`);
  if (!reported) await notifyParent(parent, SIGNAL_TABLE_SETTLED, { ...result, run });
  return result;
}
