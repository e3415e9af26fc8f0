import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

const project = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  clearMocks: true,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' },
    ] as [string, Record<string, unknown>],
  },
  // A stack's files and the cache of parts are none of Jest's business.
  modulePathIgnorePatterns: ['<rootDir>/.tributary/', '<rootDir>/packages/[^/]+/dist/'],
};

const config: Config = {
  // Integration tests share one stack and start workers of their own: leave it half of a big machine.
  maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/packages/*/test/**/*.test.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/unit/time-limit.ts'],
    },
    {
      ...project,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      globalSetup: '<rootDir>/test/integration/setup/start.ts',
      globalTeardown: '<rootDir>/test/integration/setup/stop.ts',
      setupFilesAfterEnv: ['<rootDir>/test/integration/setup/time-limit.ts'],
    },
  ],
};

export default config;
