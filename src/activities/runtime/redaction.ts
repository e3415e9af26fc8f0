import { z } from 'zod';
import { InferencePlan, inferencePlanKey } from '../../pipeline/run/inference.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { type Document, findDocument } from '../../store/document.ts';
import { planDocument } from '../../store/run-files.ts';
import type { Dependencies } from './dependencies.ts';

/** Whether messages must not contain values from the data: the definition's `redactValues`. */

type Known = Pick<Dependencies, 'store' | 'pipelineOf'>;
type Planned = Document<{ readonly definition: { readonly redactValues: boolean } }>;

/**
 * True if the run's plan or the worker's configuration of today says so, and if the plan cannot be read: a setting that
 * is added later also covers the runs that are open.
 */
export function isRedacted(deps: Known, ref: RunRef, signal?: AbortSignal): Promise<boolean> {
  return isRedactedBy(deps, ref.pipeline, planDocument(deps.store(ref.bucket), ref), signal);
}

const At = z.object({ pipeline: z.string(), bucket: z.string(), prefix: z.string() });
const Staging = z.object({ bucket: z.string(), prefix: z.string() });
/** The inputs of activities name a run or an inference in one of these ways. */
const Named = z.object({
  ref: At.extend({ run: z.string().optional(), inference: z.string().optional() }).optional(),
  request: z.object({ pipeline: z.string(), definition: z.unknown().optional() }).optional(),
  pipeline: z.string().optional(),
  run: z.string().optional(),
  inference: z.string().optional(),
  staging: Staging.optional(),
});

/** The same for the run or inference that an activity's input is about. */
export async function isInputRedacted(deps: Known, input: unknown): Promise<boolean> {
  const { data } = Named.safeParse(input);
  const pipeline = data?.ref?.pipeline ?? data?.request?.pipeline ?? data?.pipeline;
  if (data === undefined || pipeline === undefined) return false;
  const { redactValues } = { redactValues: false, ...(data.request?.definition as object | undefined) };
  if (redactValues) return true;
  const { run = data.run, inference = data.inference } = data.ref ?? {};
  const where = data.ref ?? data.staging ?? (await todays(deps, pipeline))?.staging;
  if (where === undefined) return false;
  const at = { pipeline, bucket: where.bucket, prefix: where.prefix };
  const store = deps.store(at.bucket);
  const planned =
    run !== undefined
      ? planDocument(store, { ...at, run })
      : inference !== undefined
        ? { store, key: inferencePlanKey(at, inference), schema: InferencePlan }
        : undefined;
  return isRedactedBy(deps, pipeline, planned);
}

async function isRedactedBy(
  deps: Known,
  pipeline: string,
  planned: Planned | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  if ((await todays(deps, pipeline))?.redactValues) return true;
  if (planned === undefined) return false;
  try {
    return (await findDocument(planned, signal))?.definition.redactValues ?? false;
  } catch {
    return true;
  }
}

/** The worker's configuration may lack the pipeline: then only the plan counts. */
async function todays(deps: Known, pipeline: string) {
  try {
    return await deps.pipelineOf(pipeline);
  } catch {
    return undefined;
  }
}
