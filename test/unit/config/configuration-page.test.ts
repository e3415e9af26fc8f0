import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configurationPage } from '../../../src/config/configuration-page.ts';
import type { SchemaNode } from '../../../src/config/expected.ts';
import { configJsonSchema } from '../../../src/config/tributary-config.ts';

describe('docs/configuration.md', () => {
  it('is current: regenerate it with node src/config/write-configuration-page.ts', () => {
    const page = configurationPage(readFileSync('tributary.yaml', 'utf8'));
    expect(readFileSync('docs/configuration.md', 'utf8')).toBe(page);
  });
});

describe('the JSON Schema for editors', () => {
  it('describes every setting, alone or as part of a small group', () => {
    const undescribed: string[] = [];
    const visit = (node: SchemaNode, at: string, grouped: boolean) => {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        const path = `${at}.${key}`;
        if (child.description === undefined && !grouped) undescribed.push(path);
        visit(
          child,
          path,
          at !== 'config' && child.description !== undefined && node.description !== undefined,
        );
      }
      if (typeof node.additionalProperties === 'object') visit(node.additionalProperties, at, false);
    };
    visit(configJsonSchema() as SchemaNode, 'config', false);
    expect(undescribed).toEqual([]);
  });

  it('refuses unknown keys, as Tributary itself does', () => {
    expect(configJsonSchema()).toMatchObject({ additionalProperties: false });
  });
});
