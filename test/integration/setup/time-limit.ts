import { jest } from '@jest/globals';

// Real servers on a busy machine may be slow: a promise kept late is still kept. Longer than `until` waits, so that a
// failure shows the error of `until`.
jest.setTimeout(600_000);
