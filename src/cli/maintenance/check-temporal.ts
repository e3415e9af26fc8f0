import type { Client } from '@temporalio/client';
import type { Check } from '../../contract/maintenance.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/refresh.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import type { Polled, Poller } from '../../workers/pollers.ts';
import { pollersOf } from '../temporal/task-queue-pollers.ts';
import { temporalProgram } from '../temporal/temporal-program.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';

/** Temporal's code for a search attribute of type Keyword. */
const KEYWORD = 2;
/** A failed run may be resumed days later. Its workflow should still exist then. */
const SHORT_RETENTION_DAYS = 3;

/** Checks the server, the namespace and the search attributes registered in it. */
export async function checkTemporal(client: Client, address: string): Promise<Check[]> {
  const { namespace } = client.options;
  const area = 'Temporal';
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const checks: Check[] = [
    { area, what: 'server', state: 'ok', found: `${serverVersion || 'unknown version'} at ${address}` },
  ];
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400;
  const kept = `${namespace} keeps closed workflows for ${counted(Math.round(days * 10) / 10, 'day')}`;
  checks.push(
    days >= SHORT_RETENTION_DAYS
      ? { area, what: 'namespace', state: 'ok', found: kept }
      : {
          area,
          what: 'namespace',
          state: 'warning',
          found: kept,
          whatToDo: `${await temporalProgram()} operator namespace update --address ${address} --namespace ${namespace} --retention 30d`,
        },
  );
  checks.push(await searchAttributes(client, address));
  return checks;
}

async function searchAttributes(client: Client, address: string): Promise<Check> {
  const { namespace } = client.options;
  const check = { area: 'Temporal', what: 'search attributes' } as const;
  let registered: Readonly<Record<string, unknown>>;
  try {
    const answer = await client.connection.operatorService.listSearchAttributes({ namespace });
    registered = answer.customAttributes ?? {};
  } catch (error) {
    return { ...check, state: 'unknown', found: messageOf(error) };
  }
  const missing = SEARCH_ATTRIBUTES.filter((name) => registered[name] !== KEYWORD);
  if (missing.length === 0) return { ...check, state: 'ok', found: SEARCH_ATTRIBUTES.join(', ') };
  return {
    ...check,
    state: 'warning',
    found: `not registered: ${missing.join(', ')}; runs cannot be listed by them`,
    whatToDo:
      `${await temporalProgram()} operator search-attribute create --address ${address} --namespace ${namespace} ` +
      `${missing.map((name) => `--name ${name}`).join(' ')} --type Keyword`,
  };
}

/**
 * Which workers poll the task queues, and which code they run.
 * @param needed default: those that a run needs
 */
export async function checkWorkers(client: Client, needed?: readonly Polled[]): Promise<Check[]> {
  const queues = await pollersOf(client, Date.now(), needed);
  return queues.map(({ taskQueue, pollers }) => {
    const check = { area: 'workers', what: `queue ${taskQueue}` } as const;
    if (pollers.length === 0) {
      return {
        ...check,
        state: 'problem',
        found: 'no worker is polling it',
        whatToDo: `Start one: ${TRIBUTARY} worker`,
      };
    }
    const builds = [...new Set(pollers.map(buildOf))];
    const found = `${counted(pollers.length, 'worker')}: ${pollers.map(({ identity }) => identity).join(', ')}; ${builds.join(' and ')}`;
    if (builds.length === 1) return { ...check, state: 'ok', found };
    return {
      ...check,
      state: 'warning',
      found,
      whatToDo: 'Workers with different code poll the same queue. Stop the older ones.',
    };
  });
}

/** `@temporalio/worker@1.24.0+3f9a61c2…` → `SDK 1.24.0, workflows 3f9a61c2`. */
function buildOf({ buildId }: Poller): string {
  const [, sdk, workflows] = /@([\d.]+)\+?([0-9a-f]*)$/.exec(buildId) ?? [];
  if (sdk === undefined) return buildId || 'unknown version';
  return `SDK ${sdk}${workflows === '' || workflows === undefined ? '' : `, workflows ${workflows.slice(0, 8)}`}`;
}
