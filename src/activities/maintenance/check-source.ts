import type { Check } from '../../contract/maintenance.ts';
import type { SourceDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { usableStream } from '../runtime/usable-stream.ts';
import { Checklist } from './checklist.ts';

type Source = ReturnType<typeof SourceDefinition.parse>;

/** The DynamoDB table: it exists, we may read it, and how reads are billed. */
export async function checkSource(deps: Dependencies, source: Source, signal: AbortSignal): Promise<Check[]> {
  const { table } = source;
  const list = new Checklist('DynamoDB', signal);
  await list.ask('table', async (limited) => {
    const described = await deps.source.describe(table, { signal: limited });
    const { readCapacityUnits: units } = described;
    const size = `about ${described.approximateItems} items in ${Math.ceil(described.approximateBytes / 1e6)} MB`;
    if (units === undefined) return { found: `${table}: ${size}, billed on demand` };
    const found = `${table}: ${size}, ${units} provisioned read units per second`;
    const most = source.readUnitsPerSecond;
    if (most !== undefined && most <= units) return { found };
    return {
      state: 'warning',
      found,
      whatToDo:
        'A run may use all of them. Set source.readUnitsPerSecond to the share that other readers can spare.',
    };
  });
  await list.ask('scan', async (limited) => {
    const page = await deps.source.scanPage({ table, segment: 0, segments: 1, limit: 1, signal: limited });
    return { found: page.count === 0 ? 'the table is empty' : 'one item read' };
  });
  if (source.changes?.kind === 'streams') {
    await list.ask('stream', async (limited) => {
      const { viewType } = await usableStream(deps, table, limited);
      return { found: `${table} has a stream with the view type ${viewType}` };
    });
  }
  return list.checks;
}
