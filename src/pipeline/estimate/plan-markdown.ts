import { type PipelinePlan, planColumns, planRows, planTables, stopperText } from './pipeline-plan.ts';

/**
 * A plan as Markdown, for a pull request, a ticket and Temporal's Web UI.
 * @param plain makes a text plain in Markdown: names and messages come from the user's data
 */
export function planMarkdown(plan: PipelinePlan, plain: (text: string) => string): string {
  const { pipeline, source, schema, changes = [], stoppers, warnings = [], assumptions } = plan;
  const table = (titles: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0
      ? []
      : ['', row(titles), row(titles.map(() => '---')), ...rows.map((cells) => row(cells.map(plain)))];
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', `**${title}**`, '', ...lines.map((line) => `- ${plain(line)}`)];
  return [
    `## Plan of ${plain(pipeline)}: ${plain(source)} → ${plain(schema)}`,
    ...(stoppers.length === 0 ? ['', 'Nothing was found that would stop a run.'] : []),
    ...list(
      'Would stop a run',
      stoppers.map((each) => stopperText(each)),
    ),
    ...list('Warnings', warnings),
    ...table(['', 'estimate', ''], planRows(plan)),
    ...table(['table', 'rows', 'columns', 'space', ''], planTables(plan)),
    ...list('Columns', planColumns(plan)),
    ...list('Changes of the agreed schema', changes),
    ...list('Assumptions', assumptions),
  ].join('\n');
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
