import { jest } from '@jest/globals';

// Real servers on a busy machine: a promise kept late is still kept. Longer than `until` waits, so that its message is
// what is shown.
jest.setTimeout(240_000);
