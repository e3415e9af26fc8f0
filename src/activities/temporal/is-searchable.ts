import { Context } from '@temporalio/activity';
import { SEARCH_ATTRIBUTES } from '../../contract/refresh.ts';

/** Temporal's number for an attribute of type Keyword. */
const KEYWORD = 2;

/** Whether the namespace has Tributary's search attributes; false if that may not be queried (Temporal Cloud). */
export async function isSearchable(): Promise<boolean> {
  const { client, info } = Context.current();
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
      namespace: info.workflowNamespace ?? info.namespace,
    });
    return SEARCH_ATTRIBUTES.every((name) => customAttributes?.[name] === KEYWORD);
  } catch {
    return false;
  }
}
