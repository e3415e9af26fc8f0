import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Terminal } from '../../../clients/errors.ts';
import type { TableQuery } from '../../../clients/table-engine.ts';
import { runStep, StepFunctionFailed } from '../../../modules/run-step.ts';
import type { StepRows } from '../../../modules/step-messages.ts';
import { codeKey } from '../../../pipeline/datasets/dataset-directory.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { declaredColumns } from '../../../pipeline/datasets/derived/result-columns.ts';
import { inputColumns, inputQuery } from '../../../pipeline/datasets/derived/step-input.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { usable } from '../record-modules.ts';
import type { FunctionStep } from './judged-step.ts';

interface FunctionWork {
  /** `statements 2026-11` */
  readonly id: string;
  readonly value: string;
  /** The time for which it is built, in milliseconds since 1970. */
  readonly ms: number;
  readonly step: FunctionStep;
  readonly definition: DerivedDefinition;
  readonly tables: TableQuery['tables'];
  readonly directory: string;
}

/**
 * Runs the function of a step. Rows of inputs and of the result pass through in blocks.
 * @returns the path of a file with the lines of its rows
 * @throws Terminal `StepFailed`, `ModuleUnusable`; those of the engine
 */
export async function runFunction(
  { tableEngine }: Pick<Dependencies, 'tableEngine'>,
  { id, value, ms, step, definition, tables, directory }: FunctionWork,
  signal: AbortSignal,
): Promise<string> {
  const columnsOf = Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, inputColumns(table)]),
  );
  const path = join(directory, 'rows.jsonl');
  const lines = createWriteStream(path);
  let reads = 0;
  async function* rowsOf(input: string): AsyncGenerator<StepRows> {
    const own = join(directory, `read-${reads++}`);
    await mkdir(own);
    const sql = inputQuery(input, columnsOf[input] ?? []);
    const table = tables[input] as TableQuery['tables'][string];
    for await (const { rows } of tableEngine.query(
      { sql, tables: { [input]: table }, directory: own },
      { signal },
    ))
      yield rows;
  }
  const write = async (text: Uint8Array) => {
    if (!lines.write(text)) await once(lines, 'drain');
  };
  try {
    await usable(() =>
      runStep(
        {
          ...{ code: step.bundle, file: step.file, partition: value, nowMs: ms, inputs: columnsOf },
          ...{ timezone: definition.partition.timezone, columns: declaredColumns(definition) },
        },
        { read: rowsOf, write },
        definition.limits,
        signal,
      ),
    );
    return path;
  } catch (error) {
    if (error instanceof StepFunctionFailed)
      throw new Terminal('StepFailed', `${id}: ${definition.function}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    lines.end();
    await once(lines, 'close');
  }
}

/** Keeps what a function was, for people who read its version in a record. */
export async function keepCode(
  { store, at }: DatasetFiles,
  { version, bundle }: Pick<FunctionStep, 'version' | 'bundle'>,
  signal: AbortSignal,
): Promise<void> {
  await store.putNew(codeKey(at, version), bundle, { signal });
}
