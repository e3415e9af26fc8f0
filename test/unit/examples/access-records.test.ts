import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import records from '../../../examples/access-records/access-records.ts';
import { clientOf, clientVersionOf } from '../../../examples/access-records/client.ts';
import { entityIdOf, normalizedPath } from '../../../examples/access-records/request-url.ts';
import { rowOf } from '../../../src/pipeline/datasets/records/row-of.ts';

const lines = readFileSync(new URL('../../fixtures/access-records/unit-cases.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

/** A case, with its expected result as it is written: JavaScript's numbers would round it. */
const cases = lines.map((line) => {
  const { fn, args } = JSON.parse(line) as { fn: string; args: (string | null)[] };
  return { fn, args, expected: /"expected": (.*)\}$/.exec(line)![1]! };
});

const written = (value: string | bigint | null) =>
  typeof value === 'bigint' ? value.toString() : JSON.stringify(value);

const FUNCTIONS: Readonly<Record<string, (...args: (string | null)[]) => string | bigint | null>> = {
  get_client: (agent = null) => clientOf(agent),
  get_client_version: (client = null, agent = null) => clientVersionOf(client, agent),
  get_entity_id: (url = null) => entityIdOf(url),
  get_normalized_method_signature: (url = null) => normalizedPath(url),
};

test.each(cases)('$fn($args) is $expected', ({ fn, args, expected }) => {
  expect(written(FUNCTIONS[fn]!(...args))).toBe(expected);
});

/** The columns that a case's arguments fill, and the column that has its result. */
const payloadOf = ({ fn, args }: (typeof cases)[number]) =>
  fn.startsWith('get_client') ? { userAgent: args.at(-1) } : { method: 'GET', requestURL: args[0] };

const COLUMNS: Readonly<Record<string, string>> = {
  get_client: 'client',
  get_client_version: 'client_version',
  get_entity_id: 'entity_id',
  get_normalized_method_signature: 'normalized_method_signature',
};

describe('through the module', () => {
  test('there are 83 cases', () => {
    expect(cases).toHaveLength(83);
  });

  // A client that is null has no agent that it could come from.
  test.each(cases.filter(({ fn, args }) => fn !== 'get_client_version' || args[0] !== null))(
    '$fn($args) is $expected',
    (each) => {
      const cell = rowOf(records, { payload: payloadOf(each) })[COLUMNS[each.fn]!];
      const isPath = each.fn === 'get_normalized_method_signature' && each.expected !== 'null';
      const expected = isPath ? `"GET ${each.expected.slice(1)}` : each.expected;
      expect(each.fn === 'get_entity_id' ? String(cell) : JSON.stringify(cell)).toBe(expected);
    },
  );

  test('a record with everything', () => {
    const record = `{"stack":"prod","instance":"000042","timestamp":1698796800123,"payload":{"sessionId":"28a75682-f056-40f7-9a1e-416cb703bed5",
      "timestamp":1698796800123,"userId":273950,"method":"POST","requestURL":"/repo/v1/entity/syn2344/table","userAgent":"synapseclient/2.7.2 python-requests/2.31",
      "host":"repo-prod.example.org","origin":null,"via":"","xForwardedFor":"203.0.113.7, 198.51.100.2","threadId":9223372036854775807,"elapseMS":25,
      "success":true,"vmId":"4dac2a8a9a8b2d4b:-5f4d1b0e","returnObjectId":"2344","queryString":"limit=1","responseStatus":201,
      "oauthClientId":"0","authenticationMethod":"SESSIONTOKEN"}}`;
    expect(rowOf(records, record)).toEqual({
      session_id: '28a75682-f056-40f7-9a1e-416cb703bed5',
      timestamp: '1698796800123000',
      user_id: '273950',
      method: 'POST',
      request_url: '/repo/v1/entity/syn2344/table',
      user_agent: 'synapseclient/2.7.2 python-requests/2.31',
      host: 'repo-prod.example.org',
      origin: null,
      x_forwarded_for: '203.0.113.7, 198.51.100.2',
      via: '',
      thread_id: '9223372036854775807',
      elapse_ms: '25',
      success: true,
      stack: 'prod',
      instance: '42',
      vm_id: '4dac2a8a9a8b2d4b:-5f4d1b0e',
      return_object_id: '2344',
      query_string: 'limit=1',
      response_status: '201',
      oauth_client_id: '0',
      basic_auth_username: null,
      auth_method: 'SESSIONTOKEN',
      normalized_method_signature: 'POST /entity/#/table',
      client: 'PYTHON',
      client_version: '2.7.2',
      entity_id: '2344',
      record_date: '2023-11-01',
    });
  });

  test('an empty record has NULLs and an unknown client', () => {
    const { client, ...row } = rowOf(records, {});
    expect(client).toBe('UNKNOWN');
    expect(new Set(Object.values(row))).toEqual(new Set([null]));
    expect(Object.keys(row)).toHaveLength(26);
  });

  test.each([
    ['GET', 'nothing', 'GET INVALID URL'],
    ['GET', null, null],
    [null, '/repo/v1/entity/1', null],
    ['GET', '/repo/v1/a%zz%ff%C3%A4/x', 'GET /azzffä/x'],
    ['GET', '/repo/v1/entity/syn１２', 'GET /entity/#'],
  ])('%s %s is %s', (method, requestURL, expected) => {
    const row = rowOf(records, { payload: { method, requestURL } });
    expect(row.normalized_method_signature).toBe(expected);
  });

  test('an instance of zeros is an empty text', () => {
    expect(rowOf(records, { instance: '0000' }).instance).toBe('');
  });

  test('the last instant before 1970 belongs to 1969', () => {
    const row = rowOf(records, { payload: { timestamp: -1 } });
    expect([row.timestamp, row.record_date]).toEqual(['-1000', '1969-12-31']);
  });
});
