import { expect, test } from '@jest/globals';
import { bundleWorkflows } from '../../bundle-workflows.ts';

/** The bundler refuses what no workflow may import: Node's modules, and packages that need them. */
test('workflows can be bundled', async () => {
  expect(await bundleWorkflows()).toContain('followChanges');
});
