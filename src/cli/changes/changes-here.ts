import { findPipeline } from '../../config/find-pipeline.ts';
import { configPath, readConfig } from '../../config/read-config.ts';
import { applyWorkflowId, followWorkflowId } from '../../contract/changes/changes.ts';
import type { ChangesDefinition } from '../../pipeline/definition/changes-definition.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { expanded } from '../temporal/config-here.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

/** A pipeline of this machine's configuration that follows its table, and the workflows that do it. */
export interface FollowedPipeline {
  readonly pipeline: string;
  /** The DynamoDB table. */
  readonly table: string;
  readonly kind: ChangesDefinition['kind'];
  /** Reads the stream, or requests exports. */
  readonly workflowId: string;
  readonly destinations: readonly FollowedDestination[];
}

export interface FollowedDestination {
  readonly name: string;
  readonly kind: 'redshift' | 's3';
  /** `dev.orders of analytics`, or `s3://lake/orders/` */
  readonly place: string;
  readonly workflowId: string;
}

export interface ChangesOptions {
  readonly destination?: string;
  readonly config?: string;
}

/** How long changes wait that are not read. */
export const keptFor = (kind: FollowedPipeline['kind']): string =>
  kind === 'exports'
    ? 'Point-in-time recovery keeps them for 35 days.'
    : 'The stream keeps them for 24 hours.';

/**
 * The pipelines that a command is about, with their destinations: all that follow their tables, or one, or one destination of it.
 * @throws CommandError if it does not follow its table, or has no such destination; ConfigError `UnknownPipeline`
 */
export async function followedHere(
  name: string | undefined,
  { destination, config }: ChangesOptions,
): Promise<FollowedPipeline[]> {
  const read = await readConfig(configPath(config));
  const isWritten = name !== undefined && Object.hasOwn(read.pipelines, name);
  const known = isWritten ? read : await expanded(read, config);
  if (name === undefined) {
    const all = Object.entries(known.pipelines).flatMap(([each, pipeline]) => followed(each, pipeline) ?? []);
    if (all.length > 0) return all;
    throw new CommandError(
      ExitCode.usage,
      `No pipeline of ${configPath(config)} follows its table: none has \`source.changes\`. See docs/changes.md.`,
    );
  }
  const found = followed(name, findPipeline(known, name));
  if (found === undefined) {
    throw new CommandError(
      ExitCode.usage,
      `Pipeline ${name} does not follow its table: its source has no \`changes\`. See docs/changes.md.`,
    );
  }
  return [destination === undefined ? found : withOne(found, destination)];
}

/** The same, for one pipeline. */
export async function onePipeline(name: string, options: ChangesOptions): Promise<FollowedPipeline> {
  const [found] = await followedHere(name, options);
  return found!;
}

function followed(pipeline: string, { source, destinations }: Pipeline): FollowedPipeline | undefined {
  if (source.changes === undefined) return undefined;
  return {
    ...{ pipeline, table: source.table, kind: source.changes.kind, workflowId: followWorkflowId(pipeline) },
    destinations: Object.entries(destinations).map(([name, destination]) => ({
      ...{ name, kind: destination.kind, place: placeOf(destination) },
      workflowId: applyWorkflowId(pipeline, name),
    })),
  };
}

function placeOf(destination: Pipeline['destinations'][string]): string {
  if (destination.kind === 's3') {
    const { bucket, prefix } = destination.settings;
    return `s3://${bucket}/${prefix}/`;
  }
  const { workgroup, cluster, database, schema } = destination.definition.warehouse;
  return `${database}.${schema} of ${workgroup ?? cluster}`;
}

function withOne(found: FollowedPipeline, name: string): FollowedPipeline {
  const destinations = found.destinations.filter((each) => each.name === name);
  if (destinations.length > 0) return { ...found, destinations };
  const names = found.destinations.map((each) => each.name);
  throw new CommandError(
    ExitCode.usage,
    `Pipeline ${found.pipeline} has no destination "${name}"${didYouMean(name, names)}. It has: ${names.join(', ')}.`,
  );
}
