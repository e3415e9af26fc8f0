import { proxyActivities } from '@temporalio/workflow';
import type { LoadBatchActivities } from '../../contract/loader/load-batch-activities.ts';
import type { AcceptTableInput } from '../../contract/loader/loader.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { acceptTable: accept } = proxyActivities<LoadBatchActivities>(profiles.short);

/** Takes over a table that replaced the one that a loader knew. Retry its parked batches afterwards. */
export async function acceptTable(input: AcceptTableInput): Promise<void> {
  refuseUnknownInput(input, { loader: true });
  const { loader } = input;
  await explainingFailure(
    () => `Failed: accepting the table of loader ${loader}`,
    () => undefined,
    () => accept.executeWithOptions({ summary: `accept the table of ${loader}` }, [{ loader }]),
  );
}
