import { countsText, type GraphPicture, stateOf } from './graph-picture.ts';

/** One line per dataset: its partitions by state, and what it reads. */
export function graphText({ datasets }: GraphPicture): string {
  const width = datasets.reduce((most, { name }) => Math.max(most, name.length), 0);
  const counts = datasets.map(countsText);
  const countWidth = counts.reduce((most, text) => Math.max(most, text.length), 0);
  return datasets
    .map(({ name, reads }, index) => {
      const from = reads.map(
        ({ dataset, rule, isReference }) => `${dataset} (${rule}${isReference ? ', reference' : ''})`,
      );
      const line = `${name.padEnd(width)}  ${(counts[index] ?? '').padEnd(countWidth)}`;
      return `${from.length === 0 ? line.trimEnd() : `${line}  <- ${from.join(', ')}`}\n`;
    })
    .join('');
}

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
