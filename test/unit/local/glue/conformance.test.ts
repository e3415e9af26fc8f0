import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { glueCases } from '../../../../local/conformance/glue/glue-cases.ts';
import { reportGlueCases } from '../../../../local/conformance/glue/report-glue.ts';
import { conformanceClient, runGlueCase } from '../../../../local/conformance/glue/run-glue-case.ts';
import { type GlueServer, startGlueServer } from '../../../../local/glue/server.ts';

let server: GlueServer;
let client: ReturnType<typeof conformanceClient>;
beforeAll(async () => {
  server = await startGlueServer({ host: '127.0.0.1', port: 0 });
  client = conformanceClient(server.endpoint);
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

describe('the local Glue conforms', () => {
  test.each(glueCases())('$name', async (each) => {
    expect(await runGlueCase(each, client)).toBeUndefined();
  });
});

describe('conformance cases', () => {
  test('have names of their own', () => {
    const names = glueCases().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  /** Of a case that passes and one that fails. */
  const report = async (isMoto: boolean) => {
    const lines: string[] = [];
    const [first] = glueCases('the first version of a table is 0');
    const { calls } = first!;
    const wrong = {
      ...first!,
      name: 'wrong',
      calls: calls.with(-1, { ...calls.at(-1)!, expect: { Table: 0 } }),
    };
    const count = await reportGlueCases([first!, wrong], client, isMoto, (line) => lines.push(line));
    return { count, lines };
  };

  test('that fail are reported with their page', async () => {
    const { count, lines } = await report(false);
    expect(count).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^FAILED wrong: call 4 \(GetTable\): Table .* \[undocumented/),
      '1 passed, 1 failed',
    ]);
  });

  test('that record how moto differs must fail there', async () => {
    const { count, lines } = await report(true);
    expect(count).toBe(1);
    expect(lines).toEqual([
      'AGREES NOW the first version of a table is 0: recorded is that moto begins with 1',
      '0 passed, 1 differ as recorded, 1 failed',
    ]);
  });
});
