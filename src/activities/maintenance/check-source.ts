import type { Check } from '../../contract/maintenance.ts';
import type { SourceDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { findSource } from '../run/find-source.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { usableRecovery } from '../runtime/usable-recovery.ts';
import { usableStream } from '../runtime/usable-stream.ts';
import { Checklist } from './checklist.ts';

type Source = ReturnType<typeof SourceDefinition.parse>;

/** The DynamoDB table: it exists, we may read it, and how reads are billed. Or the export: it is complete. */
export async function checkSource(deps: Dependencies, source: Source, signal: AbortSignal): Promise<Check[]> {
  const { table } = source;
  if (source.kind === 'dynamodb-export') return await checkExport(deps, source, signal);
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
  await checkChanges(deps, source, list);
  return list.checks;
}

async function checkExport(deps: Dependencies, source: Source, signal: AbortSignal): Promise<Check[]> {
  const list = new Checklist('DynamoDB', signal);
  if (source.request === true) {
    // Runs ask for exports of their own, so there may be none yet.
    await list.ask('table', async (limited) => {
      await deps.source.describe(source.table, { signal: limited });
      return { found: `${source.table}: each run asks for an export of it` };
    });
    await checkChanges(deps, source, list);
    return list.checks;
  }
  await list.ask('export', async (limited) => {
    const { described } = await findSource(deps, { source }, limited);
    const { arn, time, files } = described.export!;
    const found = `${arn} of ${time}: ${described.approximateItems} items in ${files} files`;
    return { found };
  });
  await checkChanges(deps, source, list);
  return list.checks;
}

/** The stream, or that windows can be exported. */
async function checkChanges(deps: Dependencies, { table, changes }: Source, list: Checklist): Promise<void> {
  if (changes === undefined) return;
  if (changes.kind === 'streams') {
    await list.ask('stream', async (limited) => {
      const { viewType } = await usableStream(deps, table, limited);
      return { found: `${table} has a stream with the view type ${viewType}` };
    });
    return;
  }
  await list.ask('recovery', async (limited) => {
    const { earliest, latest } = await usableRecovery(deps, table, limited);
    const [from, to] = [earliest, latest].map((seconds) => new Date(seconds * 1000).toISOString());
    return { found: `${table} can be exported as of ${from} to ${to}` };
  });
}
