/** The page of a workflow in Temporal's Web UI. @param webUi the Web UI's URL, with or without a slash at its end */
export function workflowPage(
  webUi: string,
  {
    namespace,
    workflowId,
    runId,
  }: { readonly namespace: string; readonly workflowId: string; readonly runId?: string | undefined },
): string {
  const steps = ['namespaces', namespace, 'workflows', workflowId, ...(runId === undefined ? [] : [runId])];
  return [webUi.replace(/\/+$/, ''), ...steps.map(encodeURIComponent)].join('/');
}
