import { stringify } from 'yaml';
import { addressesFromEnvironment } from '../../clients/aws/addresses.ts';
import { createDynamoDBTableSource, dynamodbClient } from '../../clients/dynamodb/dynamodb-table-source.ts';
import type { TableSource } from '../../clients/table-source.ts';
import { configPath, findPipeline, readConfig } from '../../config/read-config.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import type { Key } from '../../pipeline/item/key.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { createShredder } from '../../pipeline/mapping/shred.ts';
import { type EntitySuggestion, suggestEntities } from '../../pipeline/mapping/suggest-entities.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { counted } from '../terminal/measures.ts';

export interface SuggestOptions {
  readonly config?: string;
}

/** The sample: the first items of each segment. The segments are spread over the table. */
const SEGMENTS = 20;
const ITEMS_PER_SEGMENT = 200;
const SEGMENTS_AT_ONCE = 5;

export async function suggestSchema(pipeline: string, options: SuggestOptions): Promise<void> {
  const { source, mapping } = findPipeline(await readConfig(configPath(options.config)), pipeline);
  useLocalStack(chosenLocalStack(options.config));
  const client = dynamodbClient(addressesFromEnvironment(process.env).dynamodb);
  try {
    const tables = createDynamoDBTableSource({ client });
    const { key } = await tables.describe(source.table);
    const items = await sample(tables, source.table);
    process.stdout.write(suggestionYaml(pipeline, items.length, suggestions(items, key, mapping)));
  } finally {
    client.destroy();
  }
}

/** What the mapping ignores is not suggested either: a suggestion contains values. */
export function suggestions(items: readonly Item[], key: Key, mapping: Mapping): EntitySuggestion[] {
  const shredder = createShredder({ key, layouts: [], mapping });
  return suggestEntities(
    items.map((item) => shredder.kept(item)),
    key,
  );
}

async function sample(tables: TableSource, table: string): Promise<Item[]> {
  const items: Item[] = [];
  const open = Array.from({ length: SEGMENTS }, (_, segment) => segment);
  const read = async () => {
    for (let segment = open.shift(); segment !== undefined; segment = open.shift()) {
      const page = await tables.scanPage({ table, segment, segments: SEGMENTS, limit: ITEMS_PER_SEGMENT });
      for (const item of page.items) items.push(item);
    }
  };
  await Promise.all(Array.from({ length: SEGMENTS_AT_ONCE }, read));
  return items;
}

/** The most likely proposal as YAML, the others and all explanations as comments. */
export function suggestionYaml(
  pipeline: string,
  sampled: number,
  suggestions: readonly EntitySuggestion[],
): string {
  const [first, ...others] = suggestions;
  const sampledItems = `${counted(sampled, 'item')} of pipeline ${pipeline}`;
  if (first === undefined) {
    return `# In a sample of ${sampledItems} nothing distinguishes several entities: one table fits.\n`;
  }
  const lines = [
    `# From a sample of ${sampledItems}. Under pipelines.${pipeline} in tributary.yaml:`,
    ...block(first),
  ];
  for (const suggestion of others) {
    lines.push('#', '# Or:', ...block(suggestion).map((line) => (line.startsWith('#') ? line : `# ${line}`)));
  }
  return `${lines.join('\n')}\n`;
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
    ...(others === 0 ? [] : [`  # ${counted(others, 'item')} of the sample stay in the common table.`]),
  ];
}
