import type { Document } from 'yaml';
import { z } from 'zod';
import { StepWarehouse } from '../../pipeline/datasets/derived/step-warehouse.ts';
import type { ConfigProblem } from '../config-error.ts';
import { offsetOf } from '../document-positions.ts';
import { replacedSchemas, schemasOfPipelines } from '../loaders/replaced-schemas.ts';

type Entries = Readonly<Record<string, unknown>>;

const Derived = z.object({ warehouse: StepWarehouse });
const Loaded = z.object({
  target: z.object({
    workgroup: z.string().optional(),
    cluster: z.string().optional(),
    ...{ database: z.string(), schema: z.string(), table: z.string() },
  }),
});
type Table = z.infer<typeof Loaded>['target'];

/** Tables of datasets that a pipeline replaces, or that another dataset or a loader writes. */
export function warehouseProblems(
  document: Document,
  {
    datasets,
    loaders,
    pipelines,
  }: { readonly datasets: Entries; readonly loaders: Entries; readonly pipelines: Entries },
): ConfigProblem[] {
  const tables = Object.entries(datasets).flatMap(([name, dataset]) => {
    const target = Derived.safeParse(dataset).data?.warehouse;
    if (target === undefined) return [];
    const problem =
      (key: string) =>
      (message: string): ConfigProblem => {
        const path = ['datasets', name, 'warehouse', key];
        return { path, offset: offsetOf(document, path, 'value'), message: `expected ${message}` };
      };
    return [{ name, target, problem }];
  });
  const loaded = Object.entries(loaders).flatMap(([name, loader]) => {
    const target = Loaded.safeParse(loader).data?.target;
    return target === undefined ? [] : [{ what: `loader ${name}`, id: idOf(target) }];
  });
  const shared = tables.flatMap(({ target, problem }, index) => {
    const before = tables
      .slice(0, index)
      .map(({ name, target: other }) => ({ what: `dataset ${name}`, id: idOf(other) }));
    const other = [...before, ...loaded].find(({ id }) => id === idOf(target));
    if (other === undefined) return [];
    return [
      problem('table')(`a table of its own, because ${other.what} writes ${target.schema}.${target.table}`),
    ];
  });
  return [
    ...shared,
    ...replacedSchemas(
      tables.map(({ target, problem }) => ({ target, problem: problem('schema') })),
      schemasOfPipelines(pipelines),
    ),
  ];
}

const idOf = ({ workgroup, cluster, database, schema, table }: Table): string =>
  JSON.stringify([workgroup, cluster, database, schema, table]);
