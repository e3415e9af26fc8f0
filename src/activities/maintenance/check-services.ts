import { Terminal } from '../../clients/errors.ts';
import { bypassingSlots } from '../../clients/warehouse.ts';
import type { CheckPipelineInput, CheckPipelineResult, Leftover } from '../../contract/maintenance.ts';
import { isHashing } from '../../pipeline/mapping/hide/hiding.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { hashKeyId } from '../runtime/hash-key.ts';
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
      const ofWorker = new Checklist('configuration', signal);
      const { mapping } = definition;
      if (isHashing(mapping)) {
        await ofWorker.ask('TRIBUTARY_HASH_KEY', async () => ({
          found: `this worker has a key, with the id ${hashKeyId(deps.hashKey, mapping)}`,
        }));
      }
      const areas = await Promise.all([
        checkSource(deps, definition.source, signal),
        checkBucket(deps, pipeline, definition, signal),
        checkWarehouse(beside, pipeline, definition, signal),
      ]);
      await left.ask(
        'schemas and uploads',
        async (limited) => {
          const found = await findLeftovers(beside, pipeline, definition, limited);
          for (const each of found.leftovers) leftovers.push(each);
          const kept = found.kept.map(({ name, run }) => `${name} (run ${run})`);
          const rest = kept.length === 0 ? '' : `; kept, because their runs can be continued: ${some(kept)}`;
          if (leftovers.length === 0) return { found: `no leftovers${rest}` };
          const names = leftovers.map((each) => (each.kind === 'schema' ? each.name : each.key));
          return {
            ...{ state: 'warning', found: `${some(names)}${rest}` },
            whatToDo: 'Remove the leftovers: "tributary doctor --fix".',
          };
        },
        'unknown',
      );
      return { pipeline, checks: [...ofWorker.checks, ...areas.flat(), ...left.checks], leftovers };
    },
  );
}

const SOME = 10;

const some = (names: readonly string[]) =>
  `${names.slice(0, SOME).join(', ')}${names.length > SOME ? ` and ${names.length - SOME} more` : ''}`;
