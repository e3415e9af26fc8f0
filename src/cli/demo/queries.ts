/** Queries for the demo's tables, in SQL that Redshift runs unchanged. */

export const PRIZES_BY_BIRTH_AND_DECADE = `\
SELECT l.born_country_code AS country, p.year / 10 * 10 AS decade,
       COUNT(*) AS prizes
FROM nobel.nobel l
JOIN nobel.nobel__prizes p ON p.pk = l.pk AND p.sk = l.sk
WHERE l.born_country_code IS NOT NULL
GROUP BY 1, 2`;

export const UNIVERSITIES_BY_PRIZES = `\
SELECT a.name AS university, COUNT(*) AS prizes,
       MIN(p.year) AS first, MAX(p.year) AS last
FROM nobel.nobel__prizes__affiliations a
JOIN nobel.nobel__prizes p
  ON p.pk = a.pk AND p.sk = a.sk AND p._pos = a._pos
WHERE a.name IS NOT NULL
GROUP BY a.name
ORDER BY prizes DESC, university
LIMIT 10`;

/** Rows expected per table: `local/data/README.md` has the counts of the source. */
export const EXPECTED_ROWS: Readonly<Record<string, number>> = {
  nobel: 1680,
  nobel__laureates: 1012,
  nobel__prizes: 1012,
  nobel__prizes__affiliations: 1094,
};

export const COUNT_ROWS = Object.keys(EXPECTED_ROWS)
  .map((table) => `SELECT '${table}' AS "table", COUNT(*) AS row_count FROM nobel.${table}`)
  .join('\nUNION ALL\n');
