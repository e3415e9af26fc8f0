import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configurationPage } from '../../../src/config/configuration-page.ts';
import { configJsonSchema } from '../../../src/config/tributary-config.ts';

describe('docs/configuration.md', () => {
  it('is current: write it anew with node src/config/write-configuration-page.ts', () => {
    const page = configurationPage(readFileSync('tributary.yaml', 'utf8'));
    expect(readFileSync('docs/configuration.md', 'utf8')).toBe(page);
  });
});

describe('the JSON Schema for editors', () => {
  it('describes every setting', () => {
    const undescribed: string[] = [];
    const visit = (
      node: { description?: string; properties?: object; additionalProperties?: unknown },
      at: string,
    ) => {
      if (at.split('.').length > 2 && node.description === undefined) undescribed.push(at);
      for (const [key, child] of Object.entries(node.properties ?? {})) visit(child, `${at}.${key}`);
      if (typeof node.additionalProperties === 'object')
        visit(node.additionalProperties as object, `${at}.*`);
    };
    visit(configJsonSchema(), 'config');
    expect(undescribed.filter((at) => at !== 'config.pipelines.*')).toEqual([]);
  });

  it('refuses unknown keys, as reading the file does', () => {
    expect(configJsonSchema()).toMatchObject({ additionalProperties: false });
  });
});
