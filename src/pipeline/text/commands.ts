/** Commands of our program in texts for operators. Texts name them as `tributary status`. */

/** The first words of the commands that other texts name. */
export const COMMANDS = [
  'init',
  'run',
  'plan',
  'status',
  'runs',
  'report',
  'query',
  'docs',
  'retry',
  'cancel',
  'changes',
  'dataset',
  'rejects',
  'rollback',
  'backups',
  'alerts',
  'doctor',
  'worker',
  'infer',
  'schema',
  'schedule',
  'load',
  'loader',
  'local',
  'config',
  'completion',
  'demo',
];

const IN_TEXT = new RegExp(`(^|["\`]|&& )tributary (?=(?:${COMMANDS.join('|')})\\b)`, 'g');

/**
 * The text with its commands as an operator types them. A command is recognised if it is quoted or is the whole text.
 * @param typed what starts the program
 */
export const withCommand = (text: string, typed: string): string =>
  text.replaceAll(IN_TEXT, (_, before: string) => `${before}${typed} `);
