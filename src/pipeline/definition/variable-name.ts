import { z } from 'zod';

/** The name of an environment variable of the workers, which holds what must not be in the file. */
export const VariableName = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]{0,99}$/, 'the name of an environment variable, e.g. SLACK_WEBHOOK_URL');
