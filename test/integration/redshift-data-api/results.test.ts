import { GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OwnServer } from './own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start();
  const digits = Array.from({ length: 10 }, (_, n) => `(${n})`).join(', ');
  await server.client.must('CREATE TABLE d (n INT)', `INSERT INTO d VALUES ${digits}`);
});
afterAll(() => server.stop());

/** A hundred thousand rows of 1,000 bytes. */
const large = `SELECT a.n + 10 * b.n + 100 * c.n + 1000 * e.n + 10000 * f.n AS n, repeat('x', 1000) AS filler FROM d a, d b, d c, d e, d f ORDER BY 1`;

test('a result of 100 MB is stored and read page by page, in little memory', async () => {
  const before = process.memoryUsage().rss;
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const described = await server.client.run(large);
  clearInterval(watching);
  expect(described.Error).toBeUndefined();
  expect(described).toMatchObject({ Status: 'FINISHED', ResultRows: 100_000 });
  expect(described.ResultSize).toBeGreaterThan(100_000_000);
  expect((most - before) / 1024 / 1024).toBeLessThan(300);

  let next: string | undefined;
  let rows = 0;
  do {
    const page = await server.sdk.send(new GetStatementResultCommand({ Id: described.Id!, NextToken: next }));
    for (const [n] of page.Records!)
      if (n!.longValue !== rows++) throw new Error(`row ${rows} is ${n!.longValue}`);
    next = page.NextToken;
  } while (next !== undefined);
  expect(rows).toBe(100_000);
});
