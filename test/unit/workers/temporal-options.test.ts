import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporalOptions } from '../../../src/workers/temporal-options.ts';

describe('the Temporal server is', () => {
  let directory: string;
  const nothing = () => ({ TEMPORAL_CONFIG_FILE: join(directory, 'none.toml') });

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tributary-profile-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('the usual one on this machine, if nothing is set', () => {
    expect(temporalOptions(nothing())).toMatchObject({
      connection: { address: '127.0.0.1:7233' },
      namespace: 'default',
      from: 'the default address',
    });
  });

  test("the one in Tributary's variables, with nothing from any profile", () => {
    const environment = {
      ...nothing(),
      TRIBUTARY_TEMPORAL_ADDRESS: '127.0.0.1:4711',
      TEMPORAL_ADDRESS: 'cloud.example:7233',
      TEMPORAL_API_KEY: 'not-to-be-sent',
    };
    expect(temporalOptions(environment)).toEqual({
      connection: { address: '127.0.0.1:4711' },
      namespace: 'default',
      from: 'TRIBUTARY_TEMPORAL_ADDRESS',
    });
  });

  test("the one in the temporal CLI's variables, with its key over TLS", () => {
    const environment = {
      ...nothing(),
      TEMPORAL_ADDRESS: 'cloud.example:7233',
      TEMPORAL_NAMESPACE: 'team.acct',
      TEMPORAL_API_KEY: 'key',
    };
    expect(temporalOptions(environment)).toMatchObject({
      connection: { address: 'cloud.example:7233', apiKey: 'key', tls: true },
      namespace: 'team.acct',
    });
  });

  test('the one in the named profile', () => {
    const file = join(directory, 'temporal.toml');
    writeFileSync(file, '[profile.prod]\naddress = "prod.example:7233"\nnamespace = "data"\n');
    expect(temporalOptions({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' })).toMatchObject({
      connection: { address: 'prod.example:7233' },
      namespace: 'data',
    });
  });
});
