/**
 * Functions of DuckDB and Redshift that turn a decimal into a float, or cut its digits. A unit test calls every function that DuckDB
 * has with a decimal, and finds each that gives a float in here.
 */

/** They give a float of decimals, and so need a cast around them. By name, what is exact, if anything is. */
const TO_FLOAT = new Map<string, string | undefined>([
  ...['/', '//', 'divide', 'fdiv'].map((name) => [name, 'div_exact(a, b, scale)'] as const),
  ...['avg', 'mean', 'favg'].map((name) => [name, 'avg_exact(x, scale)'] as const),
  ...['wavg', 'weighted_avg'].map((name) => [name, 'div_exact(sum(x * w), sum(w), scale)'] as const),
  ...['fsum', 'kahan_sum', 'sumkahan'].map((name) => [name, 'sum(x)'] as const),
  ['fmod', 'a % b'],
  ...[
    '** ^ pow power sqrt cbrt exp ln log log2 log10 gamma lgamma even nextafter round_even roundbankers pi',
    'acos acosh asin asinh atan atan2 atanh cos cosh cot degrees radians sin sinh tan tanh',
    'stddev stddev_pop stddev_samp variance var_pop var_samp sem skewness kurtosis kurtosis_pop entropy product',
    'geomean geometric_mean corr covar_pop covar_samp',
    'regr_avgx regr_avgy regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy',
    '<-> <=> list_cosine_distance list_cosine_similarity list_distance list_dot_product list_inner_product',
    'list_negative_dot_product list_negative_inner_product array_cosine_distance array_cosine_similarity',
    'array_cross_product array_distance array_dot_product array_inner_product array_negative_dot_product',
    'array_negative_inner_product',
    // Windows.
    'percent_rank cume_dist ratio_to_report',
    // Redshift's.
    'dexp dlog1 dlog10 dpow dsqrt',
  ]
    .flatMap((names) => names.split(' '))
    .map((name) => [name, undefined] as const),
]);

/** They interpolate between two values in the type of their argument, and cut the digits that it has no room for. */
const INTERPOLATING = new Map([
  ['median', 'quantile_disc(x, 0.5)'],
  ['quantile_cont', 'quantile_disc(x, p)'],
  ['percentile_cont', 'percentile_disc(p)'],
  ['mad', undefined],
]);

type Node = Readonly<Record<string, unknown>>;

/**
 * @param node a call in DuckDB's parse tree
 * @param inCast a cast surrounds it
 * @returns what is wrong, with the remedy
 */
export function inexactCall(
  node: Node,
  name: string,
  inCast: boolean,
  isRedshift: boolean,
): string | undefined {
  const called = aggregateOf(node, name);
  if (INTERPOLATING.has(called)) {
    if (isOfCast(node)) return undefined;
    const exact = isRedshift || called !== name ? undefined : INTERPOLATING.get(called);
    const remedy = exact === undefined ? '' : `write ${exact}, or `;
    return `${called} interpolates, and cuts digits of a decimal: ${remedy}cast its argument to a type with enough digits`;
  }
  if (inCast || !TO_FLOAT.has(called)) return undefined;
  const remedy = 'put a cast around it that says which type you want';
  if (isRedshift) return `${called} cuts digits or gives a float: ${remedy}`;
  const exact = called === name ? TO_FLOAT.get(called) : undefined;
  return `${called} gives a float: ${exact === undefined ? '' : `write ${exact}, or `}${remedy}`;
}

const OF_LISTS = new Set(
  ['list', 'array'].flatMap((kind) => [`${kind}_aggregate`, `${kind}_aggr`]).concat('aggregate'),
);

/** `list_avg(l)` and `list_aggregate(l, 'avg')` call `avg`. */
function aggregateOf({ children }: Node, name: string): string {
  const second =
    OF_LISTS.has(name) && Array.isArray(children) ? (children[1] as Node | undefined) : undefined;
  const { value } = (second?.value as { value?: unknown } | undefined) ?? {};
  if (typeof value === 'string') return value.toLowerCase();
  const bare = /^list_(.+)$/.exec(name)?.[1] ?? '';
  return !TO_FLOAT.has(name) && (TO_FLOAT.has(bare) || INTERPOLATING.has(bare)) ? bare : name;
}

/** The values have the type of a cast: those of its first argument, or of WITHIN GROUP. */
function isOfCast({ children, order_bys: orderBys }: Node): boolean {
  const { orders } = (orderBys as { orders?: readonly Node[] } | null | undefined) ?? {};
  const values = orders?.[0]?.expression ?? (children as readonly unknown[] | undefined)?.[0];
  return (values as Node | undefined)?.class === 'CAST';
}
