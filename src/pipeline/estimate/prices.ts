/**
 * List prices in US dollars. They are AWS's public price list of `region` at `asOf`, for the Standard table class and
 * S3 Standard: https://aws.amazon.com/dynamodb/pricing/ and https://aws.amazon.com/s3/pricing/
 */
const LIST_PRICES = {
  asOf: '2026-09-13',
  region: 'us-east-1',
  /** Per million read request units of a table that is billed on demand. */
  millionReadUnits: 0.125,
  /** Per unit of provisioned read capacity and hour. */
  capacityUnitHour: 0.00013,
  /** Per GB of table that an export to S3 writes. */
  exportGB: 0.1,
  /** Per thousand PUT, LIST and POST requests to S3. */
  thousandPuts: 0.005,
  /** Per thousand GET requests to S3. */
  thousandGets: 0.0004,
} as const;

export const PRICE_NAMES = [
  'millionReadUnits',
  'capacityUnitHour',
  'exportGB',
  'thousandPuts',
  'thousandGets',
] as const;
type PriceName = (typeof PRICE_NAMES)[number];

/** Prices that replace those of the list, e.g. of another region, in US dollars. */
export type OwnPrices = Readonly<Partial<Record<PriceName, number>>>;

export interface Prices extends Readonly<Record<PriceName, number>> {
  /** The date and region of the list. */
  readonly asOf: string;
  readonly region: string;
  /** The prices that are not those of the list. */
  readonly replaced: readonly PriceName[];
}

export function pricesWith(own: OwnPrices = {}): Prices {
  return { ...LIST_PRICES, ...own, replaced: PRICE_NAMES.filter((name) => own[name] !== undefined) };
}
