/**
 * Division and averages of decimals that never go through a float: `div_exact(a, b, scale)` and `avg_exact(x, scale)`, rounded half
 * away from zero, with `scale` digits after the point, at most 12. They calculate with integers of 128 bits, and fail if these do
 * not suffice. Division by zero gives NULL.
 */
export const EXACT_MACROS: readonly string[] = [
  // Digits after the point.
  `CREATE MACRO _tributary_scale(t) AS CASE WHEN contains(t, '.') THEN length(t) - strpos(t, '.') ELSE 0 END`,
  // All digits, with so many zeros more.
  `CREATE MACRO _tributary_whole(t, zeros) AS (replace(t, '.', '') || repeat('0', zeros))::HUGEINT`,
  `CREATE MACRO _tributary_rounded(n, d) AS (CASE WHEN (n < 0) = (d < 0) THEN '' ELSE '-' END) || ` +
    `((2 * abs(n) + abs(d)) // (2 * abs(d)))::VARCHAR`,
  `CREATE MACRO _tributary_padded(q, scale) AS lpad(ltrim(q, '-'), greatest(length(ltrim(q, '-')), scale + 1)::INTEGER, '0')`,
  `CREATE MACRO _tributary_point(q, scale) AS CASE WHEN scale = 0 THEN q ELSE ` +
    `(CASE WHEN starts_with(q, '-') THEN '-' ELSE '' END) || left(_tributary_padded(q, scale), -scale) || '.' || ` +
    `right(_tributary_padded(q, scale), scale) END`,
  // `round` only gives the type its scale: the digits are already rounded.
  `CREATE MACRO div_exact(a, b, scale) AS round(_tributary_point(_tributary_rounded(` +
    `_tributary_whole(a::VARCHAR, scale + greatest(_tributary_scale(b::VARCHAR) - _tributary_scale(a::VARCHAR), 0)), ` +
    `_tributary_whole(b::VARCHAR, greatest(_tributary_scale(a::VARCHAR) - _tributary_scale(b::VARCHAR), 0))` +
    `), scale)::DECIMAL(38, 12), scale)`,
  `CREATE MACRO avg_exact(x, scale) AS div_exact(sum(x), count(x), scale)`,
];
