import {
  countsText,
  filledLines,
  type GraphPicture,
  readText,
  stateOf,
  unstableText,
} from './graph-picture.ts';

const WIDTH = 84;

/** A line per dataset, with its partitions by state; below it, what it reads, and whether its step is unstable. */
export function graphText({ datasets }: GraphPicture): string {
  const width = datasets.reduce((most, { name }) => Math.max(most, name.length), 0);
  return datasets
    .flatMap((dataset) => [
      `${dataset.name.padEnd(width)}  ${countsText(dataset)}`,
      ...filledLines(dataset.reads.map(readText), WIDTH - INDENT.length).map((line) => `${INDENT}${line}`),
      ...(dataset.unstable === undefined ? [] : [`  !  ${unstableText(dataset.unstable)}`]),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

const INDENT = '  <- ';

/** A flowchart for Mermaid. https://mermaid.js.org/syntax/flowchart.html */
export function graphMermaid({ datasets }: GraphPicture): string {
  const ids = new Map(datasets.map(({ name }, index) => [name, `d${index}`]));
  const nodes = datasets.map(
    (dataset) =>
      `  ${ids.get(dataset.name)}["${dataset.name}<br/>${countsText(dataset)}"]:::${stateOf(dataset)}`,
  );
  const arrows = datasets.flatMap(({ name, reads }) =>
    reads.map(
      ({ dataset, rule, isReference }) =>
        `  ${ids.get(dataset)} ${isReference ? '-.' : '--'} ${rule} ${isReference ? '.->' : '-->'} ${ids.get(name)}`,
    ),
  );
  const classes = [
    '  classDef complete fill:#dff3e4,stroke:#2c7a4b,color:#10341f',
    '  classDef ready fill:#dfeafc,stroke:#2f5fb3,color:#12284d',
    '  classDef waits fill:#eef0f3,stroke:#5b6472,color:#23272e',
    '  classDef blocked fill:#fdeed2,stroke:#9a6400,color:#3f2900',
    '  classDef held fill:#efe5fb,stroke:#6b3fa8,color:#2d1650',
    '  classDef failed fill:#fbe0e0,stroke:#b02525,color:#4a0d0d',
  ];
  return `${['flowchart TD', ...nodes, ...arrows, ...classes].join('\n')}\n`;
}
