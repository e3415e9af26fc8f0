import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stackEnvironment } from '../local/stack/addresses.ts';
import { LocalState } from '../local/stack/local-state.ts';
import { EXAMPLES, loadExample } from './load-example.ts';

/** `npm run example <name>`: creates its table on the local stack that runs in this directory. */

function fail(message: string): never {
  console.error(`error: ${message}`);
  process.exit(2);
}

const example =
  EXAMPLES.find((name) => name === process.argv[2]) ?? fail(`Name an example: ${EXAMPLES.join(', ')}.`);
const addresses =
  new LocalState(process.cwd()).runningAddresses() ??
  fail('No local stack runs in this directory. Start one: npx tributary local start --detach');
Object.assign(process.env, stackEnvironment(addresses));

const client = new DynamoDBClient(addresses.dynamodb);
console.log(`${await loadExample(client, example)} items loaded.`);
client.destroy();
