import type { Row } from '../../clients/warehouse.ts';
import { bar } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';

/** Query results as tables that fit a terminal of 80 columns. */

const countryNames = new Intl.DisplayNames(['en'], { type: 'region' });

function countryName(code: string): string {
  try {
    return countryNames.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Turns rows of country, decade and prizes into one line per country and one column per decade, most prizes first. */
export function decadesTable(rows: readonly Row[], countries: number, colours: Palette): string[] {
  const decades = [...new Set(rows.map((row) => Number(row.decade)))].sort((a, b) => a - b);
  const byCountry = Map.groupBy(rows, (row) => String(row.country));
  const lines = [...byCountry].map(([country, own]) => {
    const prizes = new Map(own.map((row) => [Number(row.decade), Number(row.prizes)]));
    return { country, prizes, total: [...prizes.values()].reduce((sum, n) => sum + n, 0) };
  });
  lines.sort((a, b) => b.total - a.total || (a.country < b.country ? -1 : 1));
  return textTable(
    [
      { title: 'born in' },
      ...decades.map((decade, i) => ({
        // The full year once per century, else `10s`: thirteen decades have to fit.
        title: i === 0 || decade % 100 === 0 ? String(decade) : `${String(decade).slice(2)}s`,
        align: 'right' as const,
      })),
      { title: 'all', align: 'right' as const },
    ],
    lines
      .slice(0, countries)
      .map(({ country, prizes, total }) => [
        clipped(countryName(country), 14),
        ...decades.map((decade) => String(prizes.get(decade) ?? colours.dim('·'))),
        colours.bold(String(total)),
      ]),
    colours.dim,
    ' ',
  );
}

/** Rows of university, prizes, first and last year, with a bar per university. */
export function universitiesTable(rows: readonly Row[], colours: Palette): string[] {
  const most = Math.max(...rows.map((row) => Number(row.prizes)));
  return textTable(
    [
      { title: 'university' },
      { title: 'prizes', align: 'right' },
      { title: '' },
      { title: 'first', align: 'right' },
      { title: 'last', align: 'right' },
    ],
    rows.map((row) => [
      clipped(String(row.university), 44),
      String(row.prizes),
      colours.cyan(bar(Number(row.prizes), most, 8).replaceAll('░', ' ')),
      String(row.first),
      String(row.last),
    ]),
    colours.dim,
  );
}
