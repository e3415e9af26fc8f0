import { Terminal } from '../../clients/errors.ts';
import { bypassingSlots } from '../../clients/warehouse.ts';
import type { CheckPipelineInput, CheckPipelineResult, Leftover } from '../../contract/maintenance.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { checkBucket } from './check-bucket.ts';
import { checkSource } from './check-source.ts';
import { checkWarehouse } from './check-warehouse.ts';
import { Checklist } from './checklist.ts';
import { findLeftovers } from './find-leftovers.ts';

/** Checks everything that a run needs from the services, and says what to do about each finding. */
export async function checkServices(
  deps: Dependencies,
  input: CheckPipelineInput,
): Promise<CheckPipelineResult> {
  const { pipeline } = input;
  // Even if our own statements hold all slots, the checks must get an answer.
  const beside: Dependencies = { ...deps, warehouse: (target) => bypassingSlots(deps.warehouse(target)) };
  return whileHeartbeating(
    () => 'checking the services',
    async (signal) => {
      let definition: Awaited<ReturnType<typeof definitionFor>>;
      try {
        definition = await definitionFor(deps, input);
      } catch (error) {
        if (!(error instanceof Terminal)) throw error;
        const check = { area: 'configuration', what: "the worker's file", state: 'problem' } as const;
        return { pipeline, checks: [{ ...check, found: error.message }], leftovers: [] };
      }
      const leftovers: Leftover[] = [];
      const left = new Checklist('leftovers', signal);
      const areas = await Promise.all([
        checkSource(deps, definition.source, signal),
        checkBucket(deps, pipeline, definition, signal),
        checkWarehouse(beside, pipeline, definition, signal),
      ]);
      await left.ask(
        'schemas and uploads',
        async (limited) => {
          for (const each of await findLeftovers(beside, pipeline, definition, limited)) leftovers.push(each);
          if (leftovers.length === 0) return { found: 'no leftovers' };
          const names = leftovers.map((each) => (each.kind === 'schema' ? each.name : each.key));
          const some = `${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
          return { state: 'warning', found: some, whatToDo: 'Remove them: "tributary doctor --fix".' };
        },
        'unknown',
      );
      return { pipeline, checks: [...areas.flat(), ...left.checks], leftovers };
    },
  );
}
