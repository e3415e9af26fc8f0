import { REMOVE_DESTINATION } from '../../contract/changes/apply-activities.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { startedOnce } from '../temporal/started-once.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { type ChangesOptions, onePipeline } from './changes-here.ts';
import { sendOne } from './order-changes.ts';
import { applying } from './start-changes.ts';

export interface RemoveOptions extends ChangesOptions {
  readonly destination: string;
}

/** Ends what applies changes to a destination, for which the log is kept no longer. If it does not run, it is started for this. */
export async function removeDestination(name: string, options: RemoveOptions): Promise<ExitCode> {
  const { pipeline, table, destinations } = await onePipeline(name, options);
  await withTemporal(options.config, async (client) => {
    for (const each of destinations) await startedOnce(client, applying({ pipeline, table }, each));
  });
  await sendOne(name, options, { update: REMOVE_DESTINATION, what: 'removal' });
  return ExitCode.done;
}
