import { jest } from '@jest/globals';

// Real servers on a busy machine: a promise kept late is still kept.
jest.setTimeout(60_000);
