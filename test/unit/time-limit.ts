import { jest } from '@jest/globals';

// Milliseconds each, but for those that try thousands of generated values, and all of them share a busy machine.
jest.setTimeout(60_000);
