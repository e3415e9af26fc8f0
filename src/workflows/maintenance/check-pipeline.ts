import { proxyActivities, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { CheckPipelineInput, CheckPipelineResult } from '../../contract/maintenance.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { checkServices } = proxyActivities<MaintenanceActivities>(profiles.short);

/** Checks, as a worker and with its identity, everything that a run of the pipeline needs from the services. */
export async function checkPipeline(input: CheckPipelineInput): Promise<CheckPipelineResult> {
  refuseUnknownInput(input, { pipeline: true, definition: true });
  upsertMemo({ pipeline: input.pipeline });
  const result = await checkServices(input);
  setCurrentDetails(
    [
      '| | area | what | found | what to do |',
      '|---|---|---|---|---|',
      ...result.checks.map(
        ({ state, area, what, found, whatToDo }) =>
          `| ${state} | ${area} | ${what} | ${cell(found)} | ${cell(whatToDo ?? '')} |`,
      ),
    ].join('\n'),
  );
  return result;
}

const cell = (text: string) => text.slice(0, 250).replace(/\s+/g, ' ').replaceAll('|', '\\|');
