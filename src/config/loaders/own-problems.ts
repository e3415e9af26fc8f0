import type { ConfigProblem } from '../config-error.ts';
import { newTable } from './new-table.ts';
import { sameName, type WrittenLoader } from './written-loader.ts';

/** Settings of one loader that contradict each other, that can never apply, or that COPY refuses together. */
export const ownProblems = (loader: WrittenLoader): ConfigProblem[] => [
  ...formatProblems(loader),
  ...sourceProblems(loader),
  ...targetSettings(loader),
  ...mergeProblems(loader),
  ...newTable(loader),
];

function formatProblems({ parts: { format }, problem }: WrittenLoader): ConfigProblem[] {
  if (format === undefined || format.kind === 'parquet') return [];
  const found: ConfigProblem[] = [];
  const refuse = (key: string, of: 'key' | 'value', message: string) =>
    found.push(problem(['format', key], of, message));
  const { columns } = format;
  if (columns !== undefined) {
    const twice = columns.findIndex((name, i) => columns.findIndex((each) => sameName(each, name)) < i);
    if (twice >= 0)
      found.push(
        problem(['format', 'columns', twice], 'value', `each column once, got ${columns[twice]} again`),
      );
  }
  if (format.kind === 'json') {
    if (columns !== undefined && !format.paths.startsWith('s3://'))
      refuse(
        'columns',
        'key',
        `columns only with a JSONPaths file: with paths: ${format.paths}, keys match by name`,
      );
    return found;
  }
  if (columns !== undefined && format.header)
    refuse(
      'columns',
      'key',
      'no columns beside a header, which names them. If the files have no header, write header: false',
    );
  if (format.kind === 'csv' && format.quote === format.delimiter)
    refuse('quote', 'value', `another character than the delimiter, got ${JSON.stringify(format.quote)}`);
  if (
    format.nullText?.includes(format.delimiter) === true &&
    (format.kind === 'text' || format.nullText !== '')
  )
    refuse(
      'nullText',
      'value',
      `a text without the delimiter ${JSON.stringify(format.delimiter)}: no field could equal it`,
    );
  return found;
}

function sourceProblems({ parts: { source }, problem }: WrittenLoader): ConfigProblem[] {
  const { prefix = '', listPrefixes = [] } = source ?? {};
  return listPrefixes.flatMap((folder, i) =>
    prefix !== '' && folder.startsWith(prefix)
      ? [
          problem(
            ['source', 'listPrefixes', i],
            'value',
            `a folder below prefix, without ${prefix} itself, e.g. ${folder.slice(prefix.length) || 'day=%Y-%m-%d/'}`,
          ),
        ]
      : [],
  );
}

function targetSettings({ parts: { target, format }, problem }: WrittenLoader): ConfigProblem[] {
  if (target === undefined) return [];
  const { workgroup, dbUser, create, columns } = target;
  return [
    // https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
    ...(workgroup !== undefined && dbUser !== undefined
      ? [
          problem(
            ['target', 'dbUser'],
            'key',
            'no dbUser with a workgroup: the user of a workgroup follows from the identity or from secretArn',
          ),
        ]
      : []),
    ...(columns !== undefined && !create
      ? [problem(['target', 'columns'], 'key', 'columns only with create: true')]
      : []),
    ...(create && columns === undefined && format !== undefined && format.kind !== 'parquet'
      ? [
          problem(
            ['target', 'create'],
            'value',
            `columns beside create: true: files of kind ${format.kind} do not say what types their columns have`,
          ),
        ]
      : []),
  ];
}

function mergeProblems({ parts: { merge }, problem }: WrittenLoader): ConfigProblem[] {
  if (merge === undefined) return [];
  const marker = merge.deletes?.column;
  const used =
    marker === undefined ? undefined : [...merge.key, merge.newest].find((each) => sameName(each, marker));
  return [
    ...(merge.key.includes(merge.newest)
      ? [
          problem(
            ['merge', 'newest'],
            'value',
            `a column that is not in key: with ${merge.newest} in both, every version of a row would be a row of its own`,
          ),
        ]
      : []),
    ...(used === undefined
      ? []
      : [
          problem(
            ['merge', 'deletes', 'column'],
            'value',
            `another column than ${used}, which is ${used === merge.newest ? 'newest' : 'in key'}`,
          ),
        ]),
  ];
}
