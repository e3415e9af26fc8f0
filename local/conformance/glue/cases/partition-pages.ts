import type { GlueCase } from '../glue-case.ts';
import {
  createPartitions,
  createTable,
  days,
  emptyOrAbsent,
  found,
  given,
  OF_TABLE,
  PAGES,
} from './inputs.ts';

const source = `${PAGES}/API_GetPartitions.html`;
const list = (more: object = {}) => ({ operation: 'GetPartitions', input: { ...OF_TABLE, ...more } });
const [first, second, third] = days(3) as [string[], string[], string[]];
const three = [createTable(), createPartitions(first, second, third)];

/** How GetPartitions divides what it returns. */
export const partitionPageCases: readonly GlueCase[] = [
  {
    name: 'partitions are listed page by page',
    source,
    calls: [
      ...three,
      {
        ...list({ MaxResults: 2 }),
        as: 'page',
        expect: { ...found(first, second), NextToken: { $type: 'string' } },
      },
      {
        ...list({ MaxResults: 2, NextToken: given('page.NextToken') }),
        expect: { ...found(third), NextToken: { $absent: true } },
      },
    ],
    moto: 'returns all of them at once',
  },
  {
    name: 'pages have only partitions that an expression keeps',
    source,
    calls: [
      ...three,
      {
        ...list({ MaxResults: 1, Expression: "day <> '2026-01-02'" }),
        as: 'page',
        expect: found(first),
      },
      {
        ...list({ MaxResults: 1, Expression: "day <> '2026-01-02'", NextToken: given('page.NextToken') }),
        expect: { ...found(third), NextToken: { $absent: true } },
      },
    ],
    moto: 'returns all of them at once',
  },
  {
    name: 'a page of partitions of more than 1,000 is refused',
    source,
    calls: [...three, { ...list({ MaxResults: 1001 }), error: { name: 'ValidationException' } }],
    moto: 'has no limits',
  },
  {
    name: 'a token that is not one of a page is refused',
    source: 'undocumented: GetPartitions lists InvalidInputException',
    calls: [...three, { ...list({ NextToken: 'other' }), error: { name: 'InvalidInputException' } }],
    moto: 'ignores tokens',
  },
  {
    name: 'without the column schema, partitions have their locations only',
    source,
    calls: [
      ...three,
      {
        ...list({ ExcludeColumnSchema: true }),
        expect: {
          Partitions: days(3).map(([day]) => ({
            StorageDescriptor: { Location: `s3://lake/t/${day}/`, Columns: emptyOrAbsent([]) },
          })),
        },
      },
    ],
    moto: 'returns the columns',
  },
  {
    name: 'segments have each partition once',
    source: `${PAGES}/API_Segment.html`,
    calls: [
      ...three,
      { ...list({ Segment: { SegmentNumber: 0, TotalSegments: 1 } }), expect: found(first, second, third) },
      {
        ...list({ Segment: { SegmentNumber: 0, TotalSegments: 2 } }),
        expect: { Partitions: { $length: 2 } },
      },
      {
        ...list({ Segment: { SegmentNumber: 1, TotalSegments: 2 } }),
        expect: { Partitions: { $length: 1 } },
      },
    ],
    moto: 'returns every partition in every segment',
  },
  {
    name: 'more than ten segments are refused',
    source: `${PAGES}/API_Segment.html`,
    calls: [
      ...three,
      {
        ...list({ Segment: { SegmentNumber: 0, TotalSegments: 11 } }),
        error: { name: 'ValidationException' },
      },
    ],
    moto: 'has no limits',
  },
];
