import { jest } from '@jest/globals';

// Most take milliseconds. Some try thousands of generated values, and the machine may be busy.
jest.setTimeout(60_000);
