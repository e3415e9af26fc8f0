import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { bundleWorkflows } from '../../bundle-workflows.ts';
import type { SharedByTests } from './stack.ts';

declare global {
  var tributaryTestStack: Stack | undefined;
}

/**
 * Starts a stack, bundles the workflows, and sets the environment so that later processes find both.
 * @param profiles a module that replaces `src/workflows/profiles.ts` in the bundle
 */
export async function startSharedStack(profiles?: URL): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-test-'));
  const log = (line: string) => process.stderr.write(`stack: ${line}\n`);
  // Jest does not call the teardown if the setup fails; a stack that fails to start ends itself.
  const [stack, bundle] = await Promise.all([
    startStack({ directory, persist: false, log }),
    bundleWorkflows(profiles)
      .then((code) => ({ code }))
      .catch((error: unknown) => ({ error })),
  ]);
  if ('error' in bundle) {
    await stack.stop();
    throw bundle.error;
  }
  const workflowBundle = { codePath: join(directory, 'workflows.js') };
  writeFileSync(workflowBundle.codePath, bundle.code);
  const shared: SharedByTests = { addresses: stack.addresses, workflowBundle };
  const file = join(directory, 'shared-by-tests.json');
  writeFileSync(file, JSON.stringify(shared), { mode: 0o600 });
  process.env.TRIBUTARY_TEST_STACK = file;
  // The tests start hundreds of commands and workers. With Node's cache they compile the same modules once.
  process.env.NODE_COMPILE_CACHE ??= join(directory, 'compile-cache');
  globalThis.tributaryTestStack = stack;
}

/** Ends the shared stack; its directory goes with it. */
export async function stopSharedStack(): Promise<void> {
  await globalThis.tributaryTestStack?.stop();
}
