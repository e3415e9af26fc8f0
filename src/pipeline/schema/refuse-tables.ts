import { Refusal } from '../failure/refusal.ts';
import {
  asRowsSetting,
  dictionaryText,
  type LikelyDictionary,
  mapsOfMostTables,
  withoutInnerNames,
} from '../mapping/suggest/likely-dictionaries.ts';
import type { Seen } from '../seen/seen.ts';
import type { AgreedSchema } from './agreed-schema.ts';

interface WantedTables {
  readonly pipeline: string;
  readonly run: string;
  /** The most tables: `mapping.maxTables`. */
  readonly maxTables: number;
  readonly seen: Seen;
  /** The maps that look like dictionaries. */
  readonly dictionaries: readonly LikelyDictionary[];
  /** The message must not contain values: see `withoutInnerNames`. */
  readonly redacted: boolean;
}

/**
 * Why a schema has too many tables: what they come from, and the setting that would help. Undefined if it has not. The
 * tables that were agreed on before are always allowed.
 */
export function tooManyTables(
  before: AgreedSchema | undefined,
  after: AgreedSchema,
  { maxTables, seen, dictionaries, redacted }: Omit<WantedTables, 'pipeline' | 'run'>,
): string | undefined {
  const most = Math.max(maxTables, before?.tables.length ?? 0);
  const wanted = after.tables.length;
  if (wanted <= most) return undefined;
  const causes = dictionaries.filter(({ tables }) => tables > 0);
  const all = causes.length > 0 ? causes : mapsOfMostTables(seen);
  const maps = redacted ? withoutInnerNames(all) : all;
  const what = causes.length > 0 ? 'These maps look like dictionaries' : 'Most tables come from these maps';
  return (
    `there would be ${wanted} tables, and mapping.maxTables is ${maxTables}` +
    `${most > maxTables ? ` (${most} exist)` : ''}. ` +
    (maps.length === 0
      ? 'If tables of some maps or lists are not needed, set asSuper or ignore for these'
      : `${what}: ${maps.map(dictionaryText).join(', ')}. To make the entries of a dictionary the rows of one table, set ` +
        asRowsSetting(maps))
  );
}

/**
 * Refuses a schema with too many tables before any of them is created.
 * @throws Refusal `TooManyTables`
 */
export function refuseTooManyTables(
  before: AgreedSchema | undefined,
  after: AgreedSchema,
  wanted: WantedTables,
): void {
  const reason = tooManyTables(before, after, wanted);
  if (reason === undefined) return;
  const { pipeline, run } = wanted;
  throw new Refusal(
    'TooManyTables',
    `Run ${run} of ${pipeline} is not sealed: ${reason}. If every table is wanted, set ` +
      `maxTables: ${after.tables.length} and continue with "tributary run ${pipeline} --run ${run} --from seal".`,
  );
}
