import { stringify } from 'yaml';
import { addressesFromEnvironment } from '../../clients/aws/addresses.ts';
import { createDynamoDBTableSource, dynamodbClient } from '../../clients/dynamodb/dynamodb-table-source.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import type { Key } from '../../pipeline/item/key.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { createShredder } from '../../pipeline/mapping/shred.ts';
import {
  type LikelyDictionary,
  likelyDictionaries,
} from '../../pipeline/mapping/suggest/likely-dictionaries.ts';
import { type EntitySuggestion, suggestEntities } from '../../pipeline/mapping/suggest/suggest-entities.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { definitionHere, pipelineHere } from '../temporal/config-here.ts';
import { reportedSource } from '../temporal/reported-waits.ts';
import { counted } from '../terminal/measures.ts';
import { spreadSample } from './spread-sample.ts';

export interface SuggestOptions {
  /** Default: the pipeline's own mapping. */
  readonly destination?: string;
  readonly config?: string;
}

export async function suggestSchema(pipeline: string, options: SuggestOptions): Promise<void> {
  const { config, destination } = options;
  const { source, mapping } = await (destination === undefined
    ? pipelineHere(pipeline, config)
    : definitionHere(pipeline, destination, config));
  useLocalStack(chosenLocalStack(options.config));
  const client = dynamodbClient(addressesFromEnvironment(process.env).dynamodb);
  try {
    const tables = reportedSource(createDynamoDBTableSource({ client }));
    const { key } = await tables.describe(source.table);
    const { items } = await spreadSample(tables, source.table);
    const proposed = suggestions(items, key, mapping);
    const dictionaries = dictionariesIn(items, key, mapping, proposed);
    process.stdout.write(suggestionYaml(pipeline, items.length, proposed, dictionaries));
  } finally {
    client.destroy();
  }
}

/** What the mapping leaves out is not suggested either: a suggestion contains values. */
export function suggestions(items: readonly Item[], key: Key, mapping: Mapping): EntitySuggestion[] {
  const shredder = createShredder({ key, layouts: [], mapping });
  const copied = items.filter((item) => shredder.shred(item).kind !== 'filtered');
  return suggestEntities(
    copied.map((item) => shredder.kept(item)),
    key,
  );
}

/** What looks like dictionaries, with paths as they are once the most likely proposal of entities is in the mapping. */
function dictionariesIn(
  items: readonly Item[],
  key: Key,
  mapping: Mapping,
  suggestions: readonly EntitySuggestion[],
): LikelyDictionary[] {
  const [first] = suggestions;
  const entities =
    first === undefined
      ? mapping.entities
      : Object.fromEntries(first.entities.map(({ name, route }) => [name, route]));
  const shredder = createShredder({ key, layouts: [], mapping: { ...mapping, entities } });
  for (const item of items) shredder.shred(item);
  return likelyDictionaries(shredder.takeSeen(), { isSample: true });
}

/** The most likely proposal as YAML, the others and all explanations as comments. */
export function suggestionYaml(
  pipeline: string,
  sampled: number,
  suggestions: readonly EntitySuggestion[],
  dictionaries: readonly LikelyDictionary[] = [],
): string {
  const [first, ...others] = suggestions;
  const sampledItems = `${counted(sampled, 'item')} of pipeline ${pipeline}`;
  const where = `# From a sample of ${sampledItems}. Under pipelines.${pipeline} in tributary.yaml:`;
  const columns = columnsBlock(dictionaries);
  if (first === undefined) {
    const none = `# In a sample of ${sampledItems} nothing distinguishes several entities: one table fits.`;
    return `${[none, ...(columns.length === 0 ? [] : [where, 'mapping:', ...columns])].join('\n')}\n`;
  }
  const lines = [where, ...block(first), ...columns];
  for (const suggestion of others) {
    lines.push('#', '# Or:', ...block(suggestion).map((line) => (line.startsWith('#') ? line : `# ${line}`)));
  }
  return `${lines.join('\n')}\n`;
}

function columnsBlock(dictionaries: readonly LikelyDictionary[]): string[] {
  if (dictionaries.length === 0) return [];
  return [
    '  columns:',
    ...dictionaries.map(({ path, names, tables }) => {
      const made = tables > 1 ? `${counted(tables, 'table')}, which` : 'columns, which';
      return (
        `    ${JSON.stringify(path)}: { asRows: true } # looks like a dictionary: ${counted(names, 'different name')} ` +
        `would make ${made} become the rows of one table`
      );
    }),
  ];
}

function block({ by, entities, others }: EntitySuggestion): string[] {
  return [
    `# Entities are distinguished by ${by}. An item goes to the first entity that matches.`,
    'mapping:',
    '  entities:',
    ...entities.map(({ name, route, items }) => {
      const flow = stringify(route, { collectionStyle: 'flow', lineWidth: 0 }).trim();
      return `    ${name}: ${flow} # ${counted(items, 'item')} of the sample`;
    }),
    ...(others === 0
      ? []
      : [
          `  # ${counted(others, 'item')} of the sample ${others === 1 ? 'stays' : 'stay'} in the common table.`,
        ]),
  ];
}
