import { counted } from '../text/measures.ts';
import type { Prices } from './prices.ts';
import type { ScanEstimate } from './scan-estimate.ts';
import { ASSUMED_SLICES } from './table-estimates.ts';

/** What the figures assume, in sentences. */
export function assumptionsOf(
  scan: ScanEstimate | undefined,
  prices: Prices,
  sampledItems: number,
  filteredItems = 0,
): string[] {
  if (scan === undefined) return [];
  const sample = counted(sampledItems, 'item');
  return [
    {
      sample: `The sample was the whole table: ${sample}.`,
      description: scan.fromExport
        ? 'Items are those of the newest export. Its size is what DynamoDB bills for.'
        : 'Items and size are those of DescribeTable, which DynamoDB renews about every six hours.',
      slices: `DescribeTable counts fewer items than the sample of ${sample} had, so items and size are estimated from slices spread over the table. If some partition keys have far more items than others, they may be far off. DynamoDB renews its counts about every six hours.`,
      'at least': `DescribeTable counts fewer items than the sample of ${sample} had, and the partition keys are too uneven to estimate the rest, so every figure is a lower bound. DynamoDB renews its counts about every six hours.`,
    }[scan.basis],
    ...(scan.fromExport
      ? [
          'Reading an export costs no read units; making one has the export price, whatever was exported before.',
        ]
      : readsOf(scan)),
    ...(filteredItems === 0
      ? []
      : [
          `The conditions of where leave out ${filteredItems === sampledItems ? 'every item' : counted(filteredItems, 'item')} ` +
            'of the sample. All items are read and paid for; rows and space are those of the others.',
        ]),
    `Rows, columns and space follow from a sample of ${sample}. Rare attributes may add columns.`,
    `Redshift’s space is without compression, and at least 1 MB per column and slice, with ${ASSUMED_SLICES} slices. S3 requests are approximate.`,
    `Prices are in US dollars: the public list of ${prices.region}, ${prices.asOf}, Standard table class, without free tier or discounts.` +
      `${prices.replaced.length === 0 ? '' : ` These were replaced: ${prices.replaced.join(', ')}.`}`,
    'An export needs point-in-time recovery, which costs extra by the month.',
  ];
}

const readsOf = (scan: ScanEstimate): string[] => [
  scan.consistentRead
    ? 'A read unit pays for 4 KB of a page of at most 1 MB, because the scan reads strongly consistently.'
    : 'A read unit pays for 8 KB of a page of at most 1 MB, because the scan reads eventually consistently.',
  `A run reads a sample of its own before the scan: about ${counted(scan.sampleReadUnits, 'read unit')} more.`,
  'The time is that of the reads at the limit. Workers, COPY and the swap take time of their own.',
];
