import { expressionCases } from './cases/expressions.ts';
import { partitionPageCases } from './cases/partition-pages.ts';
import { partitionCases } from './cases/partitions.ts';
import { tableCases } from './cases/tables.ts';
import type { GlueCase } from './glue-case.ts';

/** @param wanted part of a case's name, in any case of letters */
export const glueCases = (wanted = ''): readonly GlueCase[] =>
  [...tableCases, ...partitionCases, ...partitionPageCases, ...expressionCases].filter(({ name }) =>
    name.toLowerCase().includes(wanted.toLowerCase()),
  );
