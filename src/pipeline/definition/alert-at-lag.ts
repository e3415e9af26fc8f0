import { APPLY_DEFAULTS } from './apply-pace.ts';
import { DurationFrom } from './duration.ts';

/** What is not looked at for less is normal: a look may take ten minutes. */
const LEAST = '15m';

/** The same setting of destinations of both kinds. */
export const AlertAtLag = DurationFrom(LEAST)
  .optional()
  .describe(
    `With \`source.changes\`: an alert is sent once the oldest change that is not applied is this old, from ${LEAST}. Default: ${APPLY_DEFAULTS.alertAtLag}.`,
  );
