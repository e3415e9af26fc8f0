import { dirname, resolve } from 'node:path';
import { placeInFile } from '../../config/place-in-file.ts';
import { configPath } from '../../config/read-config.ts';
import type { TributaryConfig } from '../../config/tributary-config.ts';
import { bundleModule } from '../../modules/bundle-module.ts';
import { ModuleUnusable } from '../../modules/module-unusable.ts';
import { RecordModule } from '../../modules/record-module.ts';
import type { ChecksSetting } from '../../pipeline/datasets/checks-setting.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { misfitsOfModule } from '../../pipeline/datasets/partitions/partition-rule.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { checksHere } from './checks-here.ts';
import { moduleFile } from './datasets-here.ts';

/**
 * Compiles the modules of all datasets, and loads their record modules.
 * @throws CommandError with everything that is wrong: errors of a module have their file and line
 */
export async function checkModules(
  {
    datasets,
    derivedDatasets,
    fetchedDatasets,
  }: Pick<TributaryConfig, 'datasets' | 'derivedDatasets' | 'fetchedDatasets'>,
  config: string | undefined,
): Promise<void> {
  const problems: string[] = [];
  for (const [name, definition] of Object.entries(datasets)) {
    for (const each of await problemsOf(definition, config)) {
      const [setting = ''] = each.split(':');
      const place = placeInFile(configPath(config), ['datasets', name, ...setting.split('.')]);
      problems.push(`${place}datasets.${name}.${each}`);
    }
  }
  for (const [name, { checks }] of Object.entries({ ...datasets, ...derivedDatasets, ...fetchedDatasets }))
    for (const each of await checksProblems({ checks }, config))
      problems.push(`datasets.${name}.checks: ${each}`);
  const others = [
    ...Object.entries(derivedDatasets).map(([name, each]) => [`${name}.function`, each.function] as const),
    ...Object.entries(derivedDatasets).flatMap(([name, { inputs, reference }]) =>
      [...Object.entries(inputs), ...Object.entries(reference)].flatMap(([input, rule]) =>
        typeof rule === 'string' ? [] : [[`${name}: the rule of ${input}`, rule.rule] as const],
      ),
    ),
    ...Object.entries(fetchedDatasets).map(([name, { fetch }]) => [`${name}.fetch`, fetch] as const),
  ];
  for (const [at, path] of others)
    if (path !== undefined)
      for (const each of await compilerProblems(resolve(dirname(configPath(config)), path)))
        problems.push(`datasets.${at}: ${each}`);
  if (problems.length > 0) throw new CommandError(ExitCode.usage, problems.join('\n'));
}

async function problemsOf(definition: DatasetDefinition, config: string | undefined): Promise<string[]> {
  const file = moduleFile(definition, config);
  const { limits, partition } = definition;
  try {
    const module = await RecordModule.load(await bundleModule(file), {
      ...{ file, limits, timezone: partition.timezone },
    });
    await module.close();
    return misfitsOfModule(definition, module.columns);
  } catch (error) {
    if (!(error instanceof ModuleUnusable)) throw error;
    return [`records: ${error.message}`];
  }
}

async function checksProblems(
  dataset: { readonly checks: ChecksSetting },
  config: string | undefined,
): Promise<string[]> {
  try {
    await checksHere(dataset, config);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

async function compilerProblems(file: string): Promise<string[]> {
  try {
    await bundleModule(file);
    return [];
  } catch (error) {
    if (!(error instanceof ModuleUnusable)) throw error;
    return [error.message];
  }
}
