import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import { keyedHash } from '../../../src/pipeline/item/keyed-hash.ts';
import { ROOT } from '../../../src/pipeline/item/path.ts';
import { pipelineDirectory, runDirectory } from '../../../src/pipeline/run/run-directory.ts';
import { tableFolder } from '../../../src/pipeline/run/segments/part-key.ts';
import { decompress } from '../../../src/store/part-buffer.ts';
import { quietPort } from '../setup/quiet-port.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';
import { WorkerProcesses } from './worker-process.ts';

/** In every value and key; different where it must be nowhere at all. */
const VALUE = 'canary';
const IGNORED = 'magpie';
const HIDDEN = 'nuthatch';

const RARE = Array.from({ length: 10 }, (_, i) => `rare${i}`);

const hiddenMap = (name: string): AttributeValue => ({ M: { [name]: { S: HIDDEN } } });
const shapes = (name: string): readonly AttributeValue[] => [
  { L: [hiddenMap(name)] },
  { L: [{ L: [hiddenMap(name)] }, { S: HIDDEN }] },
  hiddenMap(name),
  { M: { x: hiddenMap(name), y: { S: HIDDEN } } },
  { S: HIDDEN },
  { SS: [HIDDEN] },
];
const [OF_PHONES, OF_DOCS, OF_DICT] = [shapes('number'), shapes('secret'), shapes('mail')];
const OTHER_SHAPES: readonly Item[] = OF_PHONES.map((phones, i) => ({
  phones,
  docs: OF_DOCS[i] as AttributeValue,
  dict: OF_DICT[i] as AttributeValue,
}));

/** Common items, odd ones, and one that is set aside, all with values in every kind of place. */
function items(): Item[] {
  const more = (n: number): Item => ({
    n: { N: String(1000 + n) },
    text: { S: `${VALUE} ${n}` },
    secret: { M: { a: { S: IGNORED } } },
    email: { S: `${HIDDEN} ${n}` },
    address: { M: { street: { S: HIDDEN }, tags: { SS: [HIDDEN] } } },
    person: { M: { name: { S: VALUE }, phone: { S: IGNORED } } },
    contacts: { L: [{ M: { phone: { S: IGNORED }, city: { S: VALUE } } }] },
    whole: { M: { phone: { S: IGNORED }, city: { S: VALUE }, email: { S: HIDDEN } } },
  });
  const item = (pk: string, n: number, extra: Item = {}): Item => ({
    pk: { S: `${VALUE} ${pk}` },
    sk: { S: VALUE },
    ...more(n),
    ...extra,
  });
  return [
    ...Array.from({ length: 400 }, (_, i) => item(`p${i}`, i)),
    // Some are not among the first items of a segment, for which the first layouts are made.
    ...RARE.map((name) =>
      item(name, 500, {
        [name]: {
          M: { phone: { S: IGNORED }, city: { S: VALUE }, email: { S: HIDDEN } },
        },
      }),
    ),
    // Hidden values where the mapping expects another shape.
    ...OTHER_SHAPES.map((extra, i) => item(`shape${i}`, 600, extra)),
    item('key\0', 61, OTHER_SHAPES[2]),
  ];
}

const ignore = { ignore: true };
const hash = { hash: true };
const mapping = {
  columns: {
    secret: ignore,
    'person.phone': ignore,
    'contacts[].phone': ignore,
    ...Object.fromEntries(RARE.map((name) => [`${name}.phone`, ignore])),
    whole: { asSuper: true },
    'whole.phone': ignore,
    'whole.email': hash,
    email: hash,
    address: { mask: true },
    ...Object.fromEntries(RARE.map((name) => [`${name}.email`, hash])),
    'phones[].number': hash,
    docs: { asSuper: true },
    'docs[].secret': { mask: true },
    dict: { asRows: true },
    'dict[key].mail': hash,
  },
};

describe('a pipeline with ignored and hidden attributes and redactValues', () => {
  const harness = withHarness();
  const workers = new WorkerProcesses(harness);
  const table = uniqueName('items');
  let redacted: TestPipeline;
  let open: TestPipeline;
  let worker: ReturnType<WorkerProcesses['start']>;
  let metrics: string;

  beforeAll(async () => {
    await harness.createTable(table, items() as never);
    const settings = { source: { segments: 2 }, mapping, maxRejects: 1 };
    redacted = harness.define(table, { ...settings, redactValues: true });
    open = harness.define(table, settings);
    metrics = `127.0.0.1:${await quietPort()}`;
    worker = workers.start([redacted, open], {
      TRIBUTARY_METRICS_ADDRESS: metrics,
      TRIBUTARY_HASH_KEY: 'k'.repeat(32),
    });
  });

  /** Every object of the pipeline, as text, by key. */
  async function objectsOf({ pipeline, definition }: TestPipeline): Promise<Map<string, string>> {
    const texts = new Map<string, string>();
    const directory = `${pipelineDirectory({ ...definition.staging, pipeline })}/`;
    for await (const { key } of harness.store.list(directory)) {
      const { body } = (await harness.store.get(key))!;
      texts.set(key, /\.(zst|gz)$/.test(key) ? await decompress(key, body) : Buffer.from(body).toString());
    }
    return texts;
  }

  /** A run that waits, because COPY refuses a row of it. */
  async function parked({ pipeline, definition }: TestPipeline) {
    const run = uniqueName('run');
    await (await harness.start({ pipeline, run, to: 'prepare' })).result();
    const at = { prefix: definition.staging.prefix, pipeline, run };
    const keys: string[] = [];
    for await (const { key } of harness.store.list(`${runDirectory(at)}/data/${tableFolder(ROOT)}/`)) {
      keys.push(key);
    }
    const key = keys.find((each) => each.includes('/00001-')) as string;
    const text = await decompress(key, (await harness.store.get(key))!.body);
    const bad = text.replace(/"(1[0-3]\d\d)"/, `"${VALUE}"`);
    expect(bad).not.toBe(text);
    await harness.store.put(key, await promisify(zlib.zstdCompress)(Buffer.from(bad)));
    const handle = await harness.start({ pipeline, run, from: 'load' });
    const progress = await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    const error = progress.load?.unfinished.find((child) => child.error !== undefined)?.error ?? '';
    const report = `${runDirectory(at)}/report.json`;
    await until(
      () => harness.store.get(report),
      (found) => found !== undefined && Buffer.from(found.body).toString().includes('"waiting"'),
    );
    return { handle, run, key, error };
  }

  /** The histories of all workflows of the namespace, as text. */
  async function histories(): Promise<string> {
    const texts: string[] = [];
    for await (const { workflowId, runId } of harness.client.workflow.list()) {
      const handle = harness.client.workflow.getHandle(workflowId, runId);
      const { history } = await harness.client.workflowService.getWorkflowExecutionHistory({
        namespace: harness.namespace,
        execution: { workflowId, runId },
      });
      // The contents of payloads are base64.
      texts.push(
        JSON.stringify(history, (name, value: unknown) =>
          typeof value === 'bigint'
            ? String(value)
            : name === 'data' && typeof value === 'string'
              ? Buffer.from(value, 'base64').toString()
              : value,
        ),
      );
      texts.push(JSON.stringify((await handle.describe()).memo));
    }
    return texts.join('\n');
  }

  test('has their values in no object, and all other values only in the data', async () => {
    const { handle, key, error } = await parked(redacted);
    expect(error).toMatch(/^.*line \d+ of /);
    expect(error).toContain(` of s3://${harness.store.bucket}/${key}, column n (`);
    expect(error).toMatch(/column n \(\w+.*\), a value of 6 bytes: Invalid digit/);
    expect(error).toContain('because redactValues is true');
    const inference = await harness.client.workflow.execute('inferSchema', {
      taskQueue: 'tributary',
      workflowId: uniqueName('infer'),
      args: [{ pipeline: redacted.pipeline }],
    });
    expect(inference).toMatchObject({ items: 411 + OTHER_SHAPES.length });

    const objects = await objectsOf(redacted);
    for (const folder of ['data', 'odd', 'rejects', 'segments', 'statements', 'inferences', 'report.html']) {
      expect([...objects.keys()].some((each) => each.includes(`/${folder}`))).toBe(true);
    }
    const having = (what: string) => [...objects].filter(([, text]) => text.includes(what)).map(([at]) => at);
    expect([...having(IGNORED), ...having(HIDDEN)]).toEqual([]);
    expect(having(keyedHash('k'.repeat(32))(`${HIDDEN} 5`)).some((at) => at.includes('/data/'))).toBe(true);
    expect(having(VALUE).filter((at) => !/\/(data|odd|rejects|segments)\//.test(at))).toEqual([]);
    expect(having(VALUE).some((at) => at.includes('/rejects/'))).toBe(true);
    // What a payload contains can be read.
    expect((await histories()).includes('to\\":\\"prepare')).toBe(true);
    for (const text of [
      await histories(),
      workers.saidBy(worker),
      await (await fetch(`http://${metrics}/metrics`)).text(),
    ]) {
      const holds = [redacted.pipeline, VALUE, IGNORED, HIDDEN].map((what) => text.includes(what));
      expect(holds).toEqual([true, false, false, false]);
    }
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('cancelled');
  });

  test('differs from one without redactValues, whose failures name value and item', async () => {
    const { handle, error } = await parked(open);
    expect(error).toContain(`value '${VALUE}', item pk='${VALUE} p`);
    expect((await histories()).includes(VALUE)).toBe(true);
    expect(workers.saidBy(worker)).toContain(VALUE);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('cancelled');
  });
});
