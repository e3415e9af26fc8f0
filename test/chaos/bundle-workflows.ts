import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Bundles the workflows with the shorter times of `profiles.ts`. @returns their code. */
export async function bundleChaosWorkflows(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileOf('../../src/workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: Object.assign({}, config.resolve?.alias, { '../profiles.ts': fileOf('./profiles.ts') }),
      },
    }),
  });
  if (!code.includes("maximumInterval: '1s'") && !code.includes('maximumInterval: "1s"')) {
    throw new Error('the chaos test’s profiles did not replace src/workflows/profiles.ts');
  }
  return code;
}
