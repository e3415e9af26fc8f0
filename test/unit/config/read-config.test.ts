import { describe, expect, it } from '@jest/globals';
import { findDefinition, findPipeline } from '../../../src/config/find-pipeline.ts';
import { configPath, readConfig } from '../../../src/config/read-config.ts';

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
