import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack/start-stack.ts';
import { LoaderBench } from './bench-loader.ts';
import { announcedText, waitingText } from './report.ts';

/**
 * `npm run bench -- loader [--files 100000 [--loaded 10000]] [--waiting 1000000] [--batches 10] [--batch 1000] [--rows 5] [--append]
 * [--json file]`: many small files announced at once, and some batches of many files that wait. `--loaded`
 * stops after the first of the announced files; `--files 0` and `--waiting 0` leave one of the two parts out. docs/performance.md has the figures.
 */
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    loaded: { type: 'string' },
    waiting: { type: 'string', default: '1000000' },
    batches: { type: 'string', default: '10' },
    batch: { type: 'string', default: '1000' },
    rows: { type: 'string', default: '5' },
    append: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const [files, waiting, batches, maxFiles, rowsPerFile] = [
  values.files,
  values.waiting,
  values.batches,
  values.batch,
  values.rows,
].map(wholeNumber) as [number, number, number, number, number];

const loaded = values.loaded === undefined ? files : wholeNumber(values.loaded);

const log = (line: string) => console.error(line);
const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-loader-'));
const stack = await startStack({ directory: join(directory, 'stack'), persist: false, log });
const { addresses } = stack;
const bench = await LoaderBench.open({
  ...{ addresses, directory, rowsPerFile, maxFiles, log },
  append: values.append,
});
try {
  const loadBefore = loadavg()[0]!;
  const announced = files === 0 ? undefined : await bench.announced(files, loaded);
  if (announced !== undefined) console.log(announcedText(announced));
  const waited = waiting === 0 ? undefined : await bench.waiting(waiting, batches);
  if (waited !== undefined) console.log(waitingText(waited));
  console.log(
    `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}; load average before: ` +
      `${loadBefore.toFixed(1)}, after: ${loadavg()[0]!.toFixed(1)}.`,
  );
  if (values.json !== undefined) {
    const options = { files, loaded, waiting, batches, maxFiles, rowsPerFile, append: values.append };
    writeFileSync(values.json, `${JSON.stringify({ options, announced, waiting: waited }, null, 2)}\n`);
  }
} finally {
  await bench.close();
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${text} is not a whole number.`);
  return Number(text);
}
