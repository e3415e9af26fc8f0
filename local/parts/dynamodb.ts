import { atLeast, type Part } from './part.ts';

/** The DynamoDB emulator: one small binary over SQLite, with transactions. Streams are `local/dynamodb`'s. */
export const dynoxide: Part = {
  name: 'dynoxide',
  title: 'the DynamoDB emulator (dynoxide)',
  version: '1.2.1',
  environmentVariable: 'TRIBUTARY_DYNAMODB_BIN',
  program: 'dynoxide',
  versionArguments: ['--version'],
  accepts: (output) => atLeast(output, 1, 2),
  acceptedVersions: '1.2 or newer',
  npm: { packageName: (platform) => `@dynoxide/${platform.os}-${platform.cpu}`, program: 'dynoxide' },
  otherWays: ['run a DynamoDB emulator yourself and set TRIBUTARY_USE_DYNAMODB=http://127.0.0.1:8000'],
};

/**
 * The emulator for machines that dynoxide's package does not support. It is JavaScript, so it runs wherever Node does.
 * It has no transactions or TTL.
 */
export const dynalitePackage = 'dynalite';
