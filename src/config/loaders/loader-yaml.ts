import { stringify } from 'yaml';
import { OPEN } from './copy-option-table.ts';
import type { ImportedLoader } from './sample-loader.ts';

/** What to write in place of an open value. */
const OPEN_SETTINGS: Readonly<Record<string, string>> = {
  'source.bucket': 'the bucket that the files arrive in (--bucket)',
  'source.prefix': 'the prefix of the files, e.g. orders/ (--prefix)',
  'source.queue': 'the URL of the queue (--queue); without this line, the prefix is listed',
  'staging.bucket': 'the bucket for what waits and what is done (--staging-bucket)',
};

/** Whether the value must still be chosen. */
const isOpen = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(isOpen) : value === OPEN || value === `/${OPEN}`;

/** The settings that an operator must still choose, as `source.bucket`. */
export const openSettings = ({ loader }: ImportedLoader): string[] =>
  Object.entries(loader).flatMap(([part, settings]) =>
    Object.entries(settings).flatMap(([key, value]) => (isOpen(value) ? [`${part}.${key}`] : [])),
  );

/** The entry of a loader in `loaders`, without indentation. */
export function loaderLines(imported: ImportedLoader, file: string): string[] {
  const { name, loader, notes } = imported;
  return [
    `# From ${oneLine(file)}.`,
    ...notes.map((note) => `# ${oneLine(note)}`),
    `${stringify(name).trim()}:`,
    ...Object.entries(loader).flatMap(([part, settings]) =>
      part === 'format' || part === 'merge' || part === 'staging'
        ? [`  ${part}: ${flow(settings)}${openComment(part, settings)}`]
        : [
            `  ${part}:`,
            ...Object.entries(settings).map(
              ([key, value]) => `    ${key}: ${flow(value)}${openComment(part, { [key]: value })}`,
            ),
          ],
    ),
  ];
}

function openComment(part: string, settings: Readonly<Record<string, unknown>>): string {
  const open = Object.entries(settings).filter(([, value]) => isOpen(value));
  if (open.length === 0) return '';
  const what = open.map(([key]) => OPEN_SETTINGS[`${part}.${key}`] ?? `choose ${key}`);
  return ` # ${OPEN}: ${what.join('; ')}`;
}

const flow = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();

/** Names of files and what they contain may have line breaks. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n\u2028\u2029\u0085]+/g, ' ');
