import { describe, expect, test } from '@jest/globals';
import { AllowedHosts } from '../src/protocol/allowed-hosts.ts';

describe('the server answers', () => {
  const hosts = new AllowedHosts(['0.0.0.0', 'Redshift', '10.0.0.5']);

  test.each([
    'localhost',
    'LOCALHOST:8765',
    '127.0.0.1',
    '127.0.0.1:8765',
    '127.9.9.9',
    '[::1]',
    '[::1]:8765',
  ])('loopback as %s', (header) => expect(hosts.has(header)).toBe(true));

  test.each(['redshift:8001', '10.0.0.5:8001'])('the name %s, which it was given', (header) =>
    expect(hosts.has(header)).toBe(true),
  );

  test.each([
    'attacker.example:8765',
    'localhost.attacker.example',
    '127.0.0.1.attacker.example:8765',
    '127.0.0.1:8765@attacker.example',
    '0.0.0.0:8765',
    '10.0.0.6',
    '::1',
    ':8765',
    '',
    undefined,
  ])('no one by %s', (header) => expect(hosts.has(header)).toBe(false));
});
