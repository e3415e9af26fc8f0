import { createRequire } from 'node:module';
import vm from 'node:vm';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { defineRecords, type RecordDefinition } from '../pipeline/datasets/records/define-records.ts';
import { WrittenNumber } from '../pipeline/datasets/records/json-value.ts';
import { RecordRefused, recordMapper, recordOf } from '../pipeline/datasets/records/map-record.ts';
import type { RawRecord } from '../pipeline/datasets/records/raw-records.ts';
import type { RecordRow } from '../pipeline/datasets/records/record-row.ts';
import { rowOf } from '../pipeline/datasets/records/row-of.ts';
import type { FromThread, ReadBlock, ThreadStart, ToThread } from './thread-messages.ts';

/** What a module's thread runs: it loads the bundle, then reads one block after the other. */

const PACKAGE = { defineRecords, rowOf, RecordRefused, WrittenNumber };

function load({ code, file }: ThreadStart): RecordDefinition {
  const module = { exports: {} as { default?: unknown } };
  const ofNode = createRequire(import.meta.url);
  const required = (name: string): unknown => (name.startsWith('@tributary-data/') ? PACKAGE : ofNode(name));
  const run = vm.compileFunction(code, ['module', 'exports', 'require'], { filename: file });
  run(module, module.exports, required);
  const { default: definition } = module.exports;
  if (definition === undefined) throw new TypeError('it has no default export');
  const { columns } = Object(definition) as Partial<RecordDefinition>;
  if (!Array.isArray(columns)) throw new TypeError('its default export was not made with defineRecords');
  return definition as RecordDefinition;
}

function read(
  records: readonly RawRecord[],
  map: (text: string) => RecordRow,
  progress: Int32Array,
): ReadBlock {
  const rows: ReadBlock['rows'][number][] = [];
  const rejects: ReadBlock['rejects'][number][] = [];
  for (const [i, { line, text, malformed }] of records.entries()) {
    Atomics.store(progress, 0, i);
    try {
      if (malformed !== undefined) throw new RecordRefused(malformed);
      rows.push({ index: i, line, cells: map(text).cells });
    } catch (error) {
      // JSON that is nested too deep overflows the stack.
      const { message, detail } =
        error instanceof RecordRefused ? error : new RecordRefused('it cannot be read', String(error));
      rejects.push({ index: i, line, reason: message, raw: text, ...(detail !== undefined && { detail }) });
    }
  }
  return { rows, rejects };
}

function serve(port: MessagePort, start: ThreadStart): void {
  const send = (message: FromThread) => port.postMessage(message);
  let definition: RecordDefinition;
  try {
    definition = load(start);
  } catch (error) {
    send({ unusable: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    return;
  }
  const columns = definition.columns.map(({ name, type, comment, from }) => ({
    ...{ name, type, isComputed: from === undefined },
    ...(comment !== undefined && { comment }),
  }));
  const mapper = recordMapper(definition, start.timezone);
  const progress = new Int32Array(start.progress);
  port.on('message', (records: ToThread) =>
    send({ block: read(records, (text) => mapper(recordOf(text)), progress) }),
  );
  send({ columns });
}

if (parentPort !== null) serve(parentPort, workerData as ThreadStart);
