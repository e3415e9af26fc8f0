import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Report } from '../../pipeline/run/report.ts';
import { runsDirectory } from '../../pipeline/run/run-directory.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import { agreedRevisions } from '../../store/agreed-schema-file.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { findReport } from '../../store/gather-report.ts';
import { type PipelineStore, storeOf } from '../temporal/pipeline-store.ts';

/** What S3 knows about a pipeline, for one of its destinations. */
export interface StoredPipeline {
  readonly at: PipelineStore;
  /** The newest one is the agreed schema. Empty if nothing is agreed yet. */
  readonly revisions: readonly AgreedSchema[];
  /** Of the newest runs, in any order. */
  readonly reports: readonly Report[];
}

const READ_AT_ONCE = 8;

export async function readPipeline(
  pipeline: string,
  definition: PipelineDefinition,
  { config, mostRuns }: { readonly config: string | undefined; readonly mostRuns: number },
): Promise<StoredPipeline> {
  const at = storeOf(pipeline, definition, config);
  const [revisions, names] = await Promise.all([agreedRevisions(at.store, at), runNames(at)]);
  const reports: Report[] = [];
  const ref = { pipeline, bucket: at.store.bucket, prefix: at.prefix };
  await forEachLimited(newest(names, mostRuns), READ_AT_ONCE, async (run) => {
    const report = await findReport(at.store, { ...ref, run });
    if (report?.destination === definition.destination && report !== undefined) reports.push(report);
  });
  return { at, revisions, reports };
}

async function runNames(at: PipelineStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of at.store.list(runsDirectory(at), { delimiter: '/' }))
    if (key.endsWith('/')) names.push(key.slice(runsDirectory(at).length, -1));
  return names;
}

/** Most names begin with their time. Names that users chose do not, so they are read as well. */
function newest(names: readonly string[], most: number): string[] {
  const isTimed = (name: string) => /^\d{8}t\d{6}z_/.test(name);
  const timed = names.filter(isTimed).toSorted().toReversed();
  return [...names.filter((name) => !isTimed(name)), ...timed.slice(0, most)];
}
