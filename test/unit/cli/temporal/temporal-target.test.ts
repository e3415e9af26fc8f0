import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StackAddresses } from '../../../../local/stack/addresses.ts';
import { LocalState } from '../../../../local/stack/local-state.ts';
import {
  addressedBy,
  localStackFor,
  runningStack,
  temporalTarget,
  workflowPage,
} from '../../../../src/cli/temporal/temporal-target.ts';

const ADDRESSES: StackAddresses = {
  temporal: { address: '127.0.0.1:40001', namespace: 'default', ui: 'http://127.0.0.1:40002' },
  dynamodb: { endpoint: 'http://127.0.0.1:40003', region: 'us-east-1' },
  s3: { endpoint: 'http://127.0.0.1:40004', bucket: 'tributary', accessKeyId: 'a', secretAccessKey: 'b' },
  sqs: { endpoint: 'http://127.0.0.1:40007' },
  glue: { endpoint: 'http://127.0.0.1:40008' },
  redshiftData: { endpoint: 'http://127.0.0.1:40005', workgroup: 'local', database: 'dev' },
  postgres: { url: 'postgresql://127.0.0.1:40006/dev' },
};

describe('which Temporal the commands talk to', () => {
  let directory: string;
  let config: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tributary-target-'));
    config = join(directory, 'tributary.yaml');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const running = () => {
    const state = new LocalState(directory);
    state.claim();
    state.recordRunning(ADDRESSES, []);
    return state;
  };

  it('that of the local stack running beside the configuration', () => {
    running();
    const stack = localStackFor(config, {});
    expect(temporalTarget(stack, {})).toMatchObject({
      ...ADDRESSES.temporal,
      from: expect.stringMatching(/local\.json$/),
    });
    expect(stack?.environment).toMatchObject({ TRIBUTARY_S3_ENDPOINT: ADDRESSES.s3.endpoint });
  });

  it("the environment's, even if a stack runs here", () => {
    running();
    const environment = { TRIBUTARY_TEMPORAL_ADDRESS: 'temporal.internal:7233' };
    const stack = localStackFor(config, environment);
    expect(stack).toBeUndefined();
    expect(temporalTarget(stack, environment)).toMatchObject({
      address: 'temporal.internal:7233',
      namespace: 'default',
      from: 'TRIBUTARY_TEMPORAL_ADDRESS',
    });
  });

  it.each(['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE'])(
    "that of Temporal's own %s, whatever runs here",
    (name) => {
      running();
      expect(localStackFor(config, { [name]: 'cloud' })).toBeUndefined();
      expect(addressedBy({ [name]: 'cloud' }, runningStack(config)!)).toBe(name);
    },
  );

  it("the local stack's if TEMPORAL_ADDRESS names that same stack, as for the stock CLI", () => {
    running();
    const environment = { TEMPORAL_ADDRESS: ADDRESSES.temporal.address };
    expect(localStackFor(config, environment)?.addresses).toEqual(ADDRESSES);
  });

  it('that of the stack in the working directory, if none runs beside the configuration', () => {
    running();
    const elsewhere = mkdtempSync(join(tmpdir(), 'tributary-config-'));
    const other = join(elsewhere, 'other.yaml');
    expect(localStackFor(other, {}, directory)?.file).toBe(join(directory, '.tributary', 'local.json'));
    expect(localStackFor(other, {}, elsewhere)).toBeUndefined();
    rmSync(elsewhere, { recursive: true });
  });

  it("Temporal's usual address if no stack runs, even if one was killed or stopped", () => {
    expect(localStackFor(config, {}, directory)).toBeUndefined();
    running().recordStopped();
    expect(localStackFor(config, {}, directory)).toBeUndefined();
    expect(temporalTarget(undefined, {}).address).toBe('127.0.0.1:7233');
  });

  it("shows a run's page in the Web UI if its address is known", () => {
    const target = { ...ADDRESSES.temporal, from: 'here' };
    expect(workflowPage(target, 'refresh-a/b')).toBe(
      'http://127.0.0.1:40002/namespaces/default/workflows/refresh-a%2Fb',
    );
    const { ui: _, ...without } = target;
    expect(workflowPage(without, 'x')).toBeUndefined();
  });
});
