import { startSharedStack } from './shared-stack.ts';

/** Starts the one stack that all integration tests share, and bundles the workflows once for all of them. */
export default async function start(): Promise<void> {
  await startSharedStack(new URL('./profiles.ts', import.meta.url));
}
