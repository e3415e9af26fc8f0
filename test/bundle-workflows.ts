import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles the workflows for a test's workers.
 * @param profiles a module that replaces `src/workflows/profiles.ts`: the same steps with other times
 * @param workflows a module that exports the workflows; default: `src/workflows/index.ts`
 * @param interceptors a module that exports `interceptors` of the workflows
 * @returns their code
 * @throws if the module is not in the bundle
 */
export async function bundleWorkflows(profiles?: URL, workflows?: URL, interceptors?: URL): Promise<string> {
  const file = profiles && fileURLToPath(profiles);
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflows === undefined ? `${root}src/workflows/index.ts` : fileURLToPath(workflows),
    ...(interceptors === undefined ? {} : { workflowInterceptorModules: [fileURLToPath(interceptors)] }),
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: (config) => {
      const alias = Object.assign({}, config.resolve?.alias, file && { '../profiles.ts': file });
      return { ...config, resolve: { ...config.resolve, alias } };
    },
  });
  if (file !== undefined && !code.includes(`./${relative(root, file)}`)) {
    throw new Error(`${file} did not replace src/workflows/profiles.ts`);
  }
  return code;
}
