import { availableParallelism, totalmem } from 'node:os';
import type { Config } from 'jest';

const project = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  clearMocks: true,
  // Record modules of examples import the package by its name.
  moduleNameMapper: { '^@tributary-data/tributary$': '<rootDir>/src/index.ts' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' },
    ] as [string, Record<string, unknown>],
  },
  // Jest must not read a stack's files, the cache of parts or a package's build.
  modulePathIgnorePatterns: ['<rootDir>/.tributary/', '<rootDir>/packages/[^/]+/dist/'],
};

const GIBIBYTE = 1024 ** 3;

/**
 * Integration tests wait for servers more than they compute, so more of them run at once than there are cores, as far
 * as memory allows: a Jest worker and the processes that its tests start need up to 2 GiB. Two always run at once.
 */
function maxWorkers(): number {
  return Math.max(2, Math.min(2 * availableParallelism(), Math.floor(totalmem() / (2 * GIBIBYTE)), 8));
}

const config: Config = {
  maxWorkers: maxWorkers(),
  // A Jest worker that has run many suites is replaced: its memory only grows. Freeing a gigabyte takes a busy machine
  // half a second, after which Jest says that the worker was force-exited.
  workerIdleMemoryLimit: '512MB',
  testSequencer: '<rootDir>/test/longest-first.js',
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
