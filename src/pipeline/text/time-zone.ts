/**
 * Time zones that Temporal's server knows: those of the IANA database, in its spelling. This machine's `Intl` also knows
 * names in any case, and abbreviations of its own such as `PST`, which the server refuses.
 */

/** Names without an area, most of them links to other names. https://data.iana.org/time-zones/tzdb/backward */
const WITHOUT_AREA = new Set(
  [
    'CET CST6CDT EET EST EST5EDT GMT GMT+0 GMT-0 GMT0 HST MET MST MST7MDT PST8PDT UCT UTC WET',
    'Cuba Egypt Eire GB GB-Eire Greenwich Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya NZ NZ-CHAT Navajo',
    'PRC Poland Portugal ROC ROK Singapore Turkey Universal W-SU Zulu',
  ]
    .join(' ')
    .split(' '),
);

const AREAS =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)\//;

/** Names that `Intl` has kept and the database has not. */
const DROPPED = new Set(['US/Pacific-New', 'Canada/East-Saskatchewan']);

const EXACT = new Set(Intl.supportedValuesOf('timeZone'));
const IN_LOWER_CASE = new Set([...EXACT].map((name) => name.toLowerCase()));

export function isTimeZone(name: string): boolean {
  if (EXACT.has(name) || WITHOUT_AREA.has(name)) return true;
  // A link such as US/Pacific. If the same name is known in another case, this one is wrong.
  if (!AREAS.test(name) || DROPPED.has(name) || IN_LOWER_CASE.has(name.toLowerCase())) return false;
  return !/\/(?:[a-z]|[A-Z]{4})/.test(name) && isKnownHere(name);
}

function isKnownHere(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
