import { readFileSync } from 'node:fs';

/** The build leaves tests out; here they are what is run. */
const { exclude: _, ...swc } = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/** Real PostgreSQL, real SMTP, real HTTP: see CONTRIBUTING.md. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testTimeout: 60_000,
  // Many tests wait for something: a third worker has the core meanwhile.
  maxWorkers: 3,
  // What Jest keeps of the modules of each file is never collected; a large worker is replaced between two files.
  workerIdleMemoryLimit: '1500MB',
  setupFiles: ['<rootDir>/test/support/setup.mjs'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  reporters: ['default', '<rootDir>/test/support/summary-reporter.mjs'],
};
