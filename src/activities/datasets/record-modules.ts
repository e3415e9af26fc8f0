import { resolve } from 'node:path';
import { Terminal } from '../../clients/errors.ts';
import { bundleModule } from '../../modules/bundle-module.ts';
import { codeVersion } from '../../modules/code-version.ts';
import { ModuleUnusable } from '../../modules/module-unusable.ts';
import { RecordModule } from '../../modules/record-module.ts';
import type { DescribedColumn } from '../../modules/thread-messages.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import type { DayRange } from '../../pipeline/datasets/documents.ts';
import { misfitsOfModule } from '../../pipeline/datasets/partitions/partition-rule.ts';
import type { ModuleColumn, RecordCode, RecordModuleCodes } from '../runtime/dependencies.ts';

/**
 * The record modules of this worker. Each is bundled with its imports when it is first needed, once: a worker runs what it was
 * deployed with, even if the file changes.
 */
export class RecordModules implements RecordModuleCodes {
  readonly #directory: () => string;
  readonly #bundles = new Map<string, Promise<string>>();
  /** By version. */
  readonly #columns = new Map<string, Promise<readonly ModuleColumn[]>>();

  /** @param directory of the configuration file, which module paths are relative to */
  constructor(directory: () => string) {
    this.#directory = directory;
  }

  /** @throws Terminal `ModuleUnusable` */
  async codeOf(definition: DatasetDefinition): Promise<RecordCode> {
    const file = resolve(this.#directory(), definition.records);
    const bundle = await usable(() => this.#bundle(file));
    return { bundle, file, version: codeVersion(bundle, definition) };
  }

  async columnsOf(definition: DatasetDefinition): Promise<readonly ModuleColumn[]> {
    const code = await this.codeOf(definition);
    const known =
      this.#columns.get(code.version) ?? withModule(code, definition, async ({ columns }) => columns);
    this.#columns.set(code.version, known);
    known.catch(() => this.#columns.delete(code.version));
    return known;
  }

  /** @throws Terminal `ModuleUnusable` */
  async bundleOf(path: string): Promise<{ readonly bundle: string; readonly file: string }> {
    const file = resolve(this.#directory(), path);
    return { bundle: await usable(() => this.#bundle(file)), file };
  }

  #bundle(file: string): Promise<string> {
    const known = this.#bundles.get(file) ?? bundleModule(file);
    this.#bundles.set(file, known);
    // A file that is corrected is tried again.
    known.catch(() => this.#bundles.delete(file));
    return known;
  }
}

/**
 * Does work with a module in its thread, which is ended after it.
 * @param range of the rows that become lines; absent: all
 * @throws Terminal `ModuleUnusable`, also if the definition does not fit its columns
 */
export async function withModule<T>(
  { bundle, file }: RecordCode,
  definition: DatasetDefinition,
  work: (module: RecordModule) => Promise<T>,
  range?: DayRange,
): Promise<T> {
  const { partition, limits } = definition;
  const { timezone } = partition;
  const module = await usable(() =>
    RecordModule.load(bundle, { file, timezone, limits, lines: { partition, range } }),
  );
  try {
    refuseMisfits(file, definition, module.columns);
    return await work(module);
  } finally {
    await module.close();
  }
}

function refuseMisfits(
  file: string,
  definition: DatasetDefinition,
  columns: readonly DescribedColumn[],
): void {
  const misfits = misfitsOfModule(definition, columns);
  if (misfits.length > 0)
    throw new Terminal('ModuleUnusable', `${file} does not fit its dataset: ${misfits.join('; ')}.`);
}

export async function usable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModuleUnusable)
      throw new Terminal('ModuleUnusable', error.message, { cause: error });
    throw error;
  }
}
