import type { FailedCheck } from '../../pipeline/datasets/derived/step-checks.ts';
import { columnProblems } from '../../pipeline/datasets/parquet/check-columns.ts';
import { Terminal } from '../errors.ts';
import type { CallOptions } from '../object-store.ts';
import type {
  BatchFile,
  Content,
  DerivedFile,
  MergedPartition,
  PartitionsRead,
  QueryRows,
  TableEngine,
  WrittenText,
} from '../table-engine.ts';
import { StepProcesses } from './start-step.ts';
import type { StepLimits, StepOrder, StepResult } from './step-protocol.ts';

const GIBIBYTE = 1024 ** 3;
const LIMITS: StepLimits = { memoryBytes: GIBIBYTE, threads: 2, temporaryBytes: 50 * GIBIBYTE };

/** DuckDB, in child processes: one call at a time each. The package `@duckdb/node-api` is loaded there, and only there. */
export function createDuckDbTableEngine(limits: Partial<StepLimits> = {}): TableEngine {
  const allLimits = { ...LIMITS, ...limits };
  const processes = new StepProcesses();
  const result = async <Result extends StepResult>(
    order: OrderWithoutLimits,
    options: CallOptions | undefined,
  ): Promise<Result> => {
    const step = processes.start({ ...order, limits: allLimits } as StepOrder, options?.signal);
    try {
      for (;;) {
        const answer = await step.next();
        if (answer.kind === 'done') return answer.result as Result;
      }
    } finally {
      step.end();
    }
  };
  return {
    writeRows: async (request, options) => {
      refuse(columnProblems(request.columns, { sort: [] }));
      return result<readonly BatchFile[]>({ kind: 'writeRows', request }, options);
    },
    mergePartition: async (request, options) => {
      refuse(columnProblems(request.columns, request));
      return result<MergedPartition>({ kind: 'mergePartition', request }, options);
    },
    partitionsRead: (request, options) =>
      result<PartitionsRead>({ kind: 'partitionsRead', request }, options),
    contentOf: (request, options) => result<Content>({ kind: 'contentOf', request }, options),
    parseTree: (request, options) => result<string>({ kind: 'parseTree', request }, options),
    derive: async (request, options) => {
      refuse(columnProblems(request.columns, { sort: [] }));
      return result<DerivedFile>({ kind: 'derive', request }, options);
    },
    writeText: (request, options) => result<WrittenText>({ kind: 'writeText', request }, options),
    check: (request, options) => result<readonly FailedCheck[]>({ kind: 'check', request }, options),
    async *query(request, options): AsyncIterable<QueryRows> {
      const step = processes.start({ kind: 'query', request, limits: allLimits }, options?.signal);
      try {
        for (;;) {
          const answer = await step.next();
          if (answer.kind === 'done') return;
          yield answer.rows;
          step.sendMore();
        }
      } finally {
        step.end();
      }
    },
  };
}

type OrderWithoutLimits = StepOrder extends infer Order
  ? Order extends unknown
    ? Omit<Order, 'limits'>
    : never
  : never;

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Terminal('DatasetColumnsInvalid', problems.join('; '));
}
