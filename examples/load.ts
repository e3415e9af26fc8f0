import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, loadItems, nobelItems } from '../local/demo/nobel.ts';
import { stackEnvironment } from '../local/stack/addresses.ts';
import { LocalState } from '../local/stack/local-state.ts';
import { createS3ObjectStore, s3Client } from '../src/clients/s3/s3-object-store.ts';
import { dropFiles } from './arriving-files.ts';
import { changeOrders, createOrders } from './changing-orders.ts';
import { dropLedger } from './ledger.ts';
import { EXAMPLES, loadExample } from './load-example.ts';
import { loadTable, threeTables } from './three-tables.ts';

/**
 * `npm run example <name>`: creates its table on the local stack that runs in this directory. `nobel` is the demo's
 * table, which the checkout's own `tributary.yaml` copies. `three-tables` are three tables without a configuration.
 * `arriving-files` are files in S3 for a loader. `ledger` are those of a ledger, and with the word `correction` one that is overwritten. `changing-orders` is a table with a stream, and with the word `changes` what
 * happens to it.
 */

function fail(message: string): never {
  console.error(`error: ${message}`);
  process.exit(2);
}

const names = [...EXAMPLES, 'nobel', 'three-tables', 'arriving-files', 'changing-orders', 'ledger'] as const;
const example =
  names.find((name) => name === process.argv[2]) ?? fail(`Name an example: ${names.join(', ')}.`);
const addresses =
  new LocalState(process.cwd()).runningAddresses() ??
  fail('No local stack runs in this directory. Start one: npx tributary local start --detach');
Object.assign(process.env, stackEnvironment(addresses));

const client = new DynamoDBClient(addresses.dynamodb);
const count = await load(example);
const isOfFiles = example === 'arriving-files' || example === 'ledger';
console.log(isOfFiles ? `${count} ${count === 1 ? 'file' : 'files'} dropped.` : `${count} items loaded.`);
client.destroy();

function load(name: (typeof names)[number]): Promise<number> {
  if (name === 'nobel') return loadNobel();
  if (name === 'arriving-files') return dropFiles(store());
  if (name === 'ledger') return dropLedger(store(), { isCorrected: process.argv[3] === 'correction' });
  if (name === 'changing-orders')
    return process.argv[3] === 'changes' ? changeOrders(client) : createOrders(client);
  return name === 'three-tables' ? loadThreeTables() : loadExample(client, name);
}

function store() {
  const { endpoint, bucket } = addresses.s3;
  return createS3ObjectStore({ client: s3Client({ endpoint }), bucket });
}

async function loadThreeTables(): Promise<number> {
  const tables = threeTables();
  for (const table of tables) {
    await loadTable(client, table);
    console.log(`${table.name}: ${table.items.length} items`);
  }
  return tables.reduce((sum, { items }) => sum + items.length, 0);
}

async function loadNobel(): Promise<number> {
  const items = nobelItems();
  await createTable(client, 'nobel');
  await loadItems(client, 'nobel', items);
  return items.length;
}
