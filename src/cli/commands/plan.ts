import { Command, InvalidArgumentError, Option } from 'commander';
import { type OwnPrices, PRICE_NAMES } from '../../pipeline/estimate/prices.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import type { PlanOptions } from '../runs/show-plan.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, destinationOption, readSegments } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} plan nobel
  $ ${TRIBUTARY} plan --all
  $ ${TRIBUTARY} plan nobel --segments 32
  $ ${TRIBUTARY} plan nobel --price millionReadUnits=0.1415 exportGB=0.114
  $ ${TRIBUTARY} plan nobel --format markdown > plan.md
  $ ${TRIBUTARY} plan nobel --json | jq .scan.readUnits

A worker reads DynamoDB's description of the table and the first items of each segment, as a run
does before its scan, and checks the bucket and the warehouse. It copies nothing. "${TRIBUTARY} run
<pipeline> --dry-run" does the same.

Items and size are DynamoDB's own counts, which it renews about every six hours. Prices are list
prices in US dollars; the output names their date and region. Replace them with --price:
  millionReadUnits    a million read request units, on demand
  capacityUnitHour    a unit of provisioned read capacity, per hour
  exportGB            a GB of an export to S3
  thousandPuts, thousandGets    requests to S3

Of several pipelines, each plan is printed, then their sum; with --json, a line each.

With --json the last line of stdout is
  {"pipeline","source","schema",
   "scan":{"basis","segments","items","bytes","readUnits","sampleReadUnits",
     "limit":{"readUnitsPerSecond","by"},"minutes","requests":{"puts","gets"},
     "price":{"onDemand","provisioned","export","requests"}},
   "tables":[{"name","path","rows","columns","bytes","isNew",
     "named":[{"name","type"}]}],
   "changes":[…],"stoppers":[{"what","found","whatToDo"}],"prices","assumptions"}
without scan if the table could not be read.

Exit codes: 0 nothing would stop a run, 1 something would, or no answer, 2 no such pipeline,
130 interrupted.
`;

/** `tributary plan <pipeline>` */
export function planCommand(): Command {
  return new Command('plan')
    .description('show what a run would read, cost and create, and what would stop it')
    .argument('[pipeline...]', 'pipelines in the configuration, or patterns of tables')
    .option('--all', 'every pipeline in the configuration, and each of its destinations')
    .addOption(destinationOption())
    .option('--segments <n>', 'number of segments; default: as configured', readSegments)
    .addOption(
      new Option('--price <name=usd...>', 'price in US dollars, instead of the list price').argParser(
        readPrice,
      ),
    )
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'markdown']).default('text'),
    )
    .option('--json', 'print the plan as one line of JSON')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (names: string[], options: PlanOptions & { all?: boolean }) => {
      const { chosenPipelines } = await import('../runs/chosen-pipelines.ts');
      const { showPlans } = await import('../runs/show-plan.ts');
      process.exitCode = await showPlans(await chosenPipelines(names, options), options);
    });
}

function readPrice(text: string, before: OwnPrices = {}): OwnPrices {
  const [wanted = '', amount = ''] = text.split('=');
  const name = PRICE_NAMES.find((each) => each === wanted);
  if (name === undefined) {
    throw new InvalidArgumentError(
      `There is no such price${didYouMean(wanted, PRICE_NAMES)}. Prices: ${PRICE_NAMES.join(', ')}.`,
    );
  }
  if (/^\d+(?:\.\d+)?$/.test(amount)) return { ...before, [name]: Number(amount) };
  throw new InvalidArgumentError(`Expected a number of US dollars, e.g. ${name}=0.1.`);
}
