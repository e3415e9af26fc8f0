import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { datasetWorkflowId, type RefreshDatasetResult } from '../../contract/datasets/datasets.ts';
import { bundleModule } from '../../modules/bundle-module.ts';
import { codeVersion } from '../../modules/code-version.ts';
import { ModuleUnusable } from '../../modules/module-unusable.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { moduleFile } from './datasets-here.ts';
import { resultOf } from './result-of.ts';

/** Datasets that are made of files, by name. */
type Sources = Readonly<Record<string, DatasetDefinition>>;

/**
 * Warnings about workers that have another version of a record module than this configuration: a worker keeps the module with which it
 * was started.
 * @param time the last part of the ids of the runs that took files
 */
export async function versionWarnings(
  client: Client,
  sources: Sources,
  time: string,
  config: string | undefined,
): Promise<string[]> {
  const found: string[] = [];
  for (const [name, definition] of Object.entries(sources)) {
    const worker = await versionOfRun(client, datasetWorkflowId(name, time));
    if (worker === undefined) continue;
    const warning = otherVersion(name, worker, await versionHere(definition, config));
    if (warning !== undefined) found.push(warning);
  }
  return found;
}

/** Undefined if it did not run, or failed. */
async function versionOfRun(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name !== 'COMPLETED') return undefined;
    return (await resultOf(() => handle.result() as Promise<RefreshDatasetResult>)).code;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Undefined if the module cannot be used here: the worker decides. */
async function versionHere(
  definition: DatasetDefinition,
  config: string | undefined,
): Promise<string | undefined> {
  try {
    return codeVersion(await bundleModule(moduleFile(definition, config)), definition);
  } catch (error) {
    if (error instanceof ModuleUnusable) return undefined;
    throw error;
  }
}

export const otherVersion = (
  dataset: string,
  worker: string,
  here: string | undefined,
): string | undefined =>
  here === undefined || worker === here
    ? undefined
    : `warning: the worker runs version ${worker} of the record module of ${dataset}, and this configuration has ${here}. ` +
      'If this is the newer one, restart the workers and run this again.';
