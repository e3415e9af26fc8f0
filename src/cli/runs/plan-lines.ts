import {
  type PipelinePlan,
  planColumns,
  planRows,
  planTables,
  stopperText,
} from '../../pipeline/estimate/pipeline-plan.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable, wrapped } from '../terminal/text-table.ts';

/** Lines of prose are at most this long. */
const MOST_WIDTH = 100;

/** A plan as lines for a terminal. What would stop a run comes first. */
export function planLines(plan: PipelinePlan, colours: Palette): string[] {
  const { pipeline, source, schema, tables, changes = [], stoppers, warnings = [], assumptions } = plan;
  return [
    `Plan of ${colours.bold(pipeline)}: ${source} → ${schema}`,
    ...(stoppers.length === 0
      ? [colours.green('Nothing was found that would stop a run.')]
      : list(
          colours.red('Would stop a run:'),
          stoppers.map((each) => stopperText(each)),
        )),
    ...list(colours.yellow('Warnings:'), warnings),
    '',
    ...textTable(
      [{ title: '' }, { title: '', align: 'right' }, { title: '' }],
      planRows(plan).map(([what, value, note]) => [what, value, colours.dim(note)]),
    ),
    ...(tables.length === 0
      ? []
      : [
          '',
          ...textTable(
            [
              { title: 'table', mostWidth: 40 },
              { title: 'rows', align: 'right' },
              { title: 'columns', align: 'right' },
              { title: 'space', align: 'right' },
              { title: '' },
            ],
            planTables(plan),
            colours.dim,
          ),
        ]),
    ...list('Columns:', planColumns(plan)),
    ...list('Changes of the agreed schema:', changes),
    ...list('Assumptions:', assumptions),
  ];
}

function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [
    '',
    title,
    ...lines.flatMap((line) =>
      wrapped(line, MOST_WIDTH).map((part, i) => `${i === 0 ? '  - ' : '    '}${part}`),
    ),
  ];
}
