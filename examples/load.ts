import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, loadItems, nobelItems } from '../local/demo/nobel.ts';
import { stackEnvironment } from '../local/stack/addresses.ts';
import { LocalState } from '../local/stack/local-state.ts';
import { EXAMPLES, loadExample } from './load-example.ts';

/**
 * `npm run example <name>`: creates its table on the local stack that runs in this directory. `nobel` is the demo's
 * table, which the checkout's own `tributary.yaml` copies.
 */

function fail(message: string): never {
  console.error(`error: ${message}`);
  process.exit(2);
}

const names = [...EXAMPLES, 'nobel'] as const;
const example =
  names.find((name) => name === process.argv[2]) ?? fail(`Name an example: ${names.join(', ')}.`);
const addresses =
  new LocalState(process.cwd()).runningAddresses() ??
  fail('No local stack runs in this directory. Start one: npx tributary local start --detach');
Object.assign(process.env, stackEnvironment(addresses));

const client = new DynamoDBClient(addresses.dynamodb);
const count = example === 'nobel' ? await loadNobel() : await loadExample(client, example);
console.log(`${count} items loaded.`);
client.destroy();

async function loadNobel(): Promise<number> {
  const items = nobelItems();
  await createTable(client, 'nobel');
  await loadItems(client, 'nobel', items);
  return items.length;
}
