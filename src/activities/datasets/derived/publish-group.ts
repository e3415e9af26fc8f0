import { Terminal } from '../../../clients/errors.ts';
import type { Group, PublishGroupInput, PublishGroupResult } from '../../../contract/datasets/graph.ts';
import { isSamePublication, type PublishedMember } from '../../../pipeline/datasets/derived/publication.ts';
import type { Pointer } from '../../../pipeline/datasets/documents.ts';
import { withUpstream } from '../../../pipeline/datasets/graph/graph-order.ts';
import { contentVersion } from '../../../pipeline/datasets/graph/input-versions.ts';
import { valueOfPath } from '../../../pipeline/datasets/graph/partition-values.ts';
import {
  type AcceptedPartition,
  type PartitionState,
  partitionId,
} from '../../../pipeline/datasets/graph/plan-graph.ts';
import { didYouMean } from '../../../pipeline/text/nearest.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import { claimPublication, latestPublication } from '../../../store/datasets/publications.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { type OpenGraph, openGraph } from './open-graph.ts';
import { currentPlan, type PlanDependencies } from './plan-round.ts';
import { MOST_LISTED, withReasons } from './plan-view.ts';

type GroupDependencies = PlanDependencies & Pick<Dependencies, 'publications'>;

/** The groups with a dataset that a run of these builds. */
export async function groupsOf(
  deps: GroupDependencies,
  { nodes }: Pick<OpenGraph, 'nodes'>,
  datasets: ReadonlySet<string>,
): Promise<Group[]> {
  return Object.entries(await deps.publications())
    .filter(([, group]) => group.datasets.some((name) => datasets.has(name)))
    .map(([name, group]) => ({
      ...{ name, datasets: group.datasets },
      reads: [...withUpstream(nodes, group.datasets)],
    }));
}

/**
 * Publishes a group, if all of its members are complete or accepted, and if they are others than before. Readers see all of its
 * partitions as they were, or all as they are.
 * @throws Terminal `BadInput` if there is no such group, or if it neither has nor reads an accepted dataset
 */
export async function publishGroup(
  {
    deps,
    pointers,
    newId,
    signal,
  }: {
    readonly deps: GroupDependencies;
    readonly pointers: Pointers;
    readonly newId: () => string;
    readonly signal: AbortSignal;
  },
  { publication: name, accept = [], now }: PublishGroupInput & { readonly now: string },
): Promise<PublishGroupResult> {
  const groups = await deps.publications();
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (group === undefined)
    throw new Terminal(
      'BadInput',
      `The worker's configuration has no publication ${name}${didYouMean(name, Object.keys(groups))}.`,
    );
  const [first = ''] = group.datasets;
  const opened = await openGraph(deps, group.datasets);
  const known = withUpstream(opened.nodes, group.datasets);
  const foreign = accept.find(({ dataset }) => !known.has(dataset));
  if (foreign !== undefined)
    throw new Terminal(
      'BadInput',
      `Publication ${name} has no dataset ${foreign.dataset}, nor is it built from one: it has ${group.datasets.join(', ')}.`,
    );
  const files = opened.filesOf(first);
  for (;;) {
    const before = await latestPublication(files, name, signal);
    const planned = await currentPlan(
      deps,
      pointers,
      { datasets: group.datasets, now, accepted: accept },
      signal,
    );
    const refused = planned.plan.partitions.filter(({ dataset }) => group.datasets.includes(dataset));
    const result = {
      publication: name,
      ...(before === undefined ? {} : { number: before.number }),
      isNew: false,
    };
    if (refused.length > 0)
      return { ...result, incomplete: await withReasons(planned, refused.slice(0, MOST_LISTED), signal) };
    const members: PublishedMember[] = [];
    let isAsPlanned = true;
    for (const dataset of group.datasets)
      for (const [path, pointer] of await pointers.of(planned.graph.filesOf(dataset), signal)) {
        const value = valueOfPath(path);
        isAsPlanned &&= isOf(planned.state.get(dataset)?.get(value), pointer);
        const accepted = planned.plan.accepted.get(partitionId(dataset, value));
        members.push({
          ...{ dataset, partition: value, path, generation: pointer.generation, id: pointer.id },
          ...{ version: contentVersion(pointer.content), record: pointer.built?.record ?? '' },
          ...(accepted === undefined ? {} : { accepted: whyAccepted(accepted) }),
        });
      }
    // Something was published since: it may not fit the other members.
    if (!isAsPlanned) continue;
    if (before !== undefined && isSamePublication(before, { members })) return { ...result, incomplete: [] };
    const publishedAt = (await sharedTime(deps, files.store.bucket, { signal })).toISOString();
    const number = (before?.number ?? 0) + 1;
    const value = {
      version: 1 as const,
      publication: name,
      number,
      id: newId(),
      publishedAt,
      keepSeconds: group.keep,
      members,
    };
    if (await claimPublication(files, value, signal))
      return { publication: name, number, isNew: true, incomplete: [] };
  }
}

/** Whether this is the pointer that a plan has seen. */
const isOf = (planned: PartitionState | undefined, { content, built }: Pointer): boolean =>
  planned?.version === contentVersion(content) && planned.record === built?.record;

const whyAccepted = ({ reason, through }: AcceptedPartition): string =>
  through === undefined ? reason : `built from ${through}, which was accepted: ${reason}`;
