import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findDefinition, findPipeline } from '../../../src/config/find-pipeline.ts';
import { configPath, configReader, readConfig } from '../../../src/config/read-config.ts';

describe('which file is read', () => {
  it('the one that was named, before the environment, before the directory', () => {
    expect(configPath('a.yaml', { TRIBUTARY_CONFIG: 'b.yaml' })).toBe('a.yaml');
    expect(configPath(undefined, { TRIBUTARY_CONFIG: 'b.yaml' })).toBe('b.yaml');
    expect(configPath(undefined, {})).toBe('tributary.yaml');
  });

  it('a missing file is reported with the ways to name another', async () => {
    await expect(readConfig('no/such.yaml')).rejects.toMatchObject({
      code: 'ConfigNotFound',
      message: expect.stringMatching(/no\/such\.yaml: there is no such file.*--config or TRIBUTARY_CONFIG/),
    });
  });
});

describe('a reader of the configuration', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const example = readFileSync('tributary.yaml', 'utf8');
  const write = (text: string) => {
    const file = join(directory, 'tributary.yaml');
    writeFileSync(file, text);
    return file;
  };

  it('parses the file once, and again when it has changed', async () => {
    const read = configReader();
    const first = await read(write(example));
    expect(await read(write(example))).toBe(first);
    const changed = await read(write(example.replace('nobel:', 'prizes:')));
    expect(Object.keys(changed.pipelines)).toEqual(['prizes']);
  });

  it('reports an invalid file each time, and reads it once it is corrected', async () => {
    const read = configReader();
    await read(write(example));
    const file = write('pipelines: 1');
    await expect(read(file)).rejects.toMatchObject({ code: 'ConfigInvalid' });
    await expect(read(file)).rejects.toMatchObject({ code: 'ConfigInvalid' });
    expect(Object.keys((await read(write(example))).pipelines)).toEqual(['nobel']);
  });
});

describe('the example configuration', () => {
  it('is valid and has the pipeline nobel', async () => {
    const definition = findDefinition(await readConfig('tributary.yaml'), 'nobel');
    expect(definition.warehouse.schema).toBe('nobel');
  });

  it('an unknown pipeline is answered with the nearest and all known names', async () => {
    const config = await readConfig('tributary.yaml');
    expect(() => findPipeline(config, 'noble')).toThrow(
      /^No pipeline "noble" \(did you mean "nobel"\?\)\. Known: nobel\. To use another file, name it with --config /,
    );
    expect(() => findPipeline(config, '__proto__')).toThrow('No pipeline "__proto__". Known: nobel.');
  });
});
