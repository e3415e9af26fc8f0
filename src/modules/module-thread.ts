import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { RecordDefinition } from '../pipeline/datasets/records/define-records.ts';
import { recordMapper, recordOf } from '../pipeline/datasets/records/map-record.ts';
import type { RawRecord } from '../pipeline/datasets/records/raw-records.ts';
import type { RecordRow } from '../pipeline/datasets/records/record-row.ts';
import { loadBundle } from './load-bundle.ts';
import { lineReader } from './read-lines.ts';
import { forEachRecord } from './read-records.ts';
import type { FromThread, ReadBlock, ThreadStart, ToThread } from './thread-messages.ts';

/** What a module's thread runs: it loads the bundle, then reads one block after the other. */

function load({ code, file }: ThreadStart): RecordDefinition {
  const { default: definition } = loadBundle(code, file);
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
  const rejects = forEachRecord(records, progress, (text, index, line) =>
    rows.push({ index, line, cells: map(text).cells }),
  );
  return { rows, rejects };
}

function serve(port: MessagePort, start: ThreadStart): void {
  const send = (message: FromThread, transferred: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, transferred);
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
  const map = (text: string) => mapper(recordOf(text));
  const readLines = start.lines === undefined ? undefined : lineReader(start.lines, columns, mapper);
  port.on('message', (message: ToThread) => {
    const { context } = message;
    if (readLines !== undefined && context !== undefined) {
      const block = readLines(message, context, progress);
      send({ block }, [block.text.buffer]);
    } else if ('records' in message) send({ block: read(message.records, map, progress) });
  });
  send({ columns });
}

if (parentPort !== null) serve(parentPort, workerData as ThreadStart);
