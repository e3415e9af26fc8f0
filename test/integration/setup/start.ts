import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import type { SharedByTests } from './stack.ts';

declare global {
  var tributaryTestStack: Stack | undefined;
}

/** Starts the one stack that all integration tests share, and bundles the workflows once for all of them. */
export default async function start(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-test-'));
  const log = (line: string) => process.stderr.write(`stack: ${line}\n`);
  // Jest does not call the teardown when the setup fails; a stack that fails to start ends itself.
  const [stack, bundle] = await Promise.all([
    startStack({ directory, persist: false, log }),
    bundleWorkflows()
      .then((code) => ({ code }))
      .catch((error: unknown) => ({ error })),
  ]);
  if ('error' in bundle) {
    await stack.stop();
    throw bundle.error;
  }
  const shared: SharedByTests = { addresses: stack.addresses };
  if (bundle.code !== undefined) {
    shared.workflowBundle = { codePath: join(directory, 'workflows.js') };
    writeFileSync(shared.workflowBundle.codePath, bundle.code);
  }
  const file = join(directory, 'shared-by-tests.json');
  writeFileSync(file, JSON.stringify(shared), { mode: 0o600 });
  process.env.TRIBUTARY_TEST_STACK = file;
  globalThis.tributaryTestStack = stack;
}

async function bundleWorkflows(): Promise<string | undefined> {
  const workflowsPath = fileURLToPath(new URL('../../../src/workflows/index.ts', import.meta.url));
  if (!existsSync(workflowsPath)) return undefined;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  return (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })).code;
}
