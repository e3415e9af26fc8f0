import { z } from 'zod';

/** Names, separated by commas. */
export const HostNames = z
  .string()
  .default('')
  .transform((text) => text.toLowerCase().split(',').filter(Boolean));

/** The settings of a local server. An empty variable counts as absent. Ends the process if they are not valid. */
export function settingsOf<T>(schema: z.ZodType<T>, service: string): T {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  console.error(`The settings of the local ${service} are not valid.\n${z.prettifyError(parsed.error)}`);
  process.exit(2);
}
