import { beforeAll, describe, expect, test } from '@jest/globals';
import { EXAMPLES, type Example, exampleFile, loadExample } from '../../../examples/load-example.ts';
import { findDefinition } from '../../../src/config/find-pipeline.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { codeBlocks, section, tableRows } from '../../unit/docs/pages.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

describe('the examples', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  /** The example's own pipeline, on the test's stack. */
  function define(example: Example): { pipeline: string; schema: string } {
    const config = parseConfig(exampleFile(example, 'tributary.yaml'), `${example}/tributary.yaml`);
    const [pipeline] = Object.keys(config.pipelines);
    const own = pipeline === undefined ? undefined : findDefinition(config, pipeline);
    if (pipeline === undefined || own === undefined) throw new Error(`${example} has no pipeline`);
    const { s3, redshiftData } = testStack();
    const { workgroup, database } = redshiftData;
    const definition = PipelineDefinition.parse({
      ...own,
      staging: { ...own.staging, bucket: s3.bucket },
      warehouse: { ...own.warehouse, workgroup, database },
    });
    harness.definitions.set(pipeline, definition);
    return { pipeline, schema: definition.warehouse.schema };
  }

  test.each(EXAMPLES)('%s has the tables and the answer that its README shows', async (example) => {
    const readme = exampleFile(example, 'README.md');
    const { pipeline, schema } = define(example);
    const items = await loadExample(harness.dynamodb, example);
    expect(await (await harness.start({ pipeline })).result()).toMatchObject({
      status: 'replaced',
      items,
      rejects: 0,
    });

    const tables = await harness.tablesOf(schema);
    const counts = await Promise.all(
      tables.map(async (table) => [`\`${table}\``, String((await harness.rowsOf(schema, table)).length)]),
    );
    const listed = tableRows(section(readme, 'The tables')).map(
      ([table = '', rows]) => [table, rows] as const,
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(counts));

    const query = codeBlocks(readme).find(({ language }) => language === 'sql')?.text ?? '';
    const rows = await harness.sql(query);
    const shown = rows.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value))));
    expect(shown).toEqual(tableRows(section(readme, 'A query')));
  });
});
