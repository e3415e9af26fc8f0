import { expect, test } from '@jest/globals';
import { Terminal, Transient } from '../../../../src/clients/errors.ts';
import { FAILURE_CODES, isTransientCode } from '../../../../src/pipeline/failure/failure-codes.ts';
import { Refusal } from '../../../../src/pipeline/failure/refusal.ts';

test('a code decides whether a failure is retried', () => {
  expect(isTransientCode('Throttled')).toBe(true);
  expect(isTransientCode('CredentialsExpired')).toBe(true);
  expect(isTransientCode('TableNotFound')).toBe(false);
});

test('a failure carries only a code of the table, of its own class: tsc holds this', () => {
  // @ts-expect-error no such code
  new Terminal('TableMissing', '');
  // @ts-expect-error a network is worth another try
  new Terminal('NetworkFailed', '');
  // @ts-expect-error a table that is not there stays away
  new Transient('TableNotFound', '');
  // @ts-expect-error a refusal is final
  new Refusal('Throttled', '');
  expect(new Terminal('CredentialsMissing', '').code).toBe(new Transient('CredentialsMissing', '').code);
});

test('the table’s cells fit a Markdown table', () => {
  for (const { means, help } of Object.values(FAILURE_CODES)) expect(means + help).not.toMatch(/[|\n]/);
});
