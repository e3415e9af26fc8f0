import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { startTcpFaultProxy, type TcpFaultProxy } from '../../../local/fault-proxy/tcp-fault-proxy.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { startCommand } from './command-line.ts';

describe('a service that does not answer', () => {
  const harness = withHarness();
  const lines: TcpFaultProxy[] = [];

  const silentLineTo = async (endpoint: string) => {
    const line = await startTcpFaultProxy({
      behind: new URL(endpoint).host,
      seed: 1,
      resetRate: 0,
      latencyRate: 0,
    });
    lines.push(line);
    line.silence();
    return { line, endpoint: `http://${line.address}` };
  };
  const config = () => join(harness.directory(), 'tributary.yaml');
  const table = uniqueName('items');
  let pipeline: string;

  beforeAll(async () => {
    await harness.createTable(table, [{ pk: { S: 'a' }, sk: { S: 'b' } }]);
    const defined = harness.define(table);
    pipeline = defined.pipeline;
    writeFileSync(config(), stringify({ pipelines: { [pipeline]: defined.definition } }));
  });
  afterAll(() => Promise.all(lines.map((line) => line.close())));

  test.each([
    ['report', 'no_such_run'],
    ['rejects', 'no_such_run'],
    ['schema', 'show'],
  ])('is named by %s, which then continues', async (...words) => {
    const { line, endpoint } = await silentLineTo(testStack().s3.endpoint);
    const last = words[0] === 'schema' ? [pipeline] : [];
    const asked = startCommand([...words, ...last, '--config', config()], {
      environment: {
        ...harness.environment,
        TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
        TRIBUTARY_S3_ENDPOINT: endpoint,
      },
    });
    await asked.seen(/S3 has not answered for \d+ s \(read s3:\/\//);
    line.speak();
    const { code, stderr } = await asked.ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/no run "no_such_run"|no agreed schema yet/);
  });

  test('is named by schema suggest, which reads DynamoDB', async () => {
    const { line, endpoint } = await silentLineTo(testStack().dynamodb.endpoint);
    const asked = startCommand(['schema', 'suggest', pipeline, '--config', config()], {
      environment: { ...harness.environment, TRIBUTARY_DYNAMODB_ENDPOINT: endpoint },
    });
    await asked.seen(/DynamoDB has not answered for \d+ s \(describe table /);
    line.speak();
    expect(await asked.ended).toMatchObject({ code: 0 });
  });
});
