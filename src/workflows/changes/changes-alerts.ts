import { workflowInfo } from '@temporalio/workflow';
import type { ChangesCondition } from '../../contract/changes/changes-conditions.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import { raiseAlert } from '../alerts/raise-alert.ts';
import { asTyped } from '../as-typed.ts';

/** What an execution carries over to the next one: the ids of what was raised, and whether a recovery is due. */
export interface CarriedAlerts {
  readonly raised: readonly string[];
  readonly isOpen: boolean;
  /** When conditions that recur began to hold, by key. Absent if an older version carried it. */
  readonly since?: Readonly<Record<string, string>>;
}

/** The alerts of a workflow of changes: each condition once, and that none is left. None of them delays it. */
export class ChangesAlerts {
  readonly #pipeline: string;
  /** Conditions that hold and were raised, by id. */
  #raised: ReadonlySet<string>;
  #since: ReadonlyMap<string, string>;
  #isOpen: boolean;
  #raising = 0;

  constructor(pipeline: string, carried?: CarriedAlerts) {
    this.#pipeline = pipeline;
    this.#raised = new Set(carried?.raised);
    this.#since = new Map(Object.entries(carried?.since ?? {}));
    this.#isOpen = carried?.isOpen ?? false;
  }

  /** Alerts are being raised: the execution must not end before they are. */
  get isRaising(): boolean {
    return this.#raising > 0;
  }

  carry(): CarriedAlerts {
    return { raised: [...this.#raised], isOpen: this.#isOpen, since: Object.fromEntries(this.#since) };
  }

  /** Whether a condition that recurs held when it was observed last. */
  holds(key: ChangesCondition['key']): boolean {
    return this.#since.has(nameOf(key));
  }

  /** @param conditions all that hold now */
  observe(conditions: readonly ChangesCondition[]): void {
    const { namespace, workflowId } = workflowInfo();
    const at = this.#now();
    this.#since = new Map(
      conditions.flatMap(({ key, recurs }) => {
        const name = nameOf(key);
        return recurs === true ? [[name, this.#since.get(name) ?? at] as const] : [];
      }),
    );
    const idOf = ({ key }: ChangesCondition) => {
      const since = this.#since.get(nameOf(key));
      return eventId([namespace, workflowId, ...key, ...(since === undefined ? [] : [since])]);
    };
    const now = new Map(conditions.map((each) => [idOf(each), each]));
    for (const [id, condition] of now) if (!this.#raised.has(id)) this.#raise(id, condition);
    this.#raised = new Set(now.keys());
    const lasts = conditions.some(({ isPast }) => isPast !== true);
    if (lasts) this.#isOpen = true;
    else if (this.#isOpen) this.#recovered();
  }

  #raise(id: string, { what, cause, code, next: [fix, command] }: ChangesCondition): void {
    const { namespace, workflowId, runId } = workflowInfo();
    this.#send({
      event: {
        ...{ version: 1, id, kind: 'waiting', at: this.#now(), pipeline: this.#pipeline },
        ...{ what, cause: asTyped(cause), code, waits: true },
        next: asTyped(`${fix} \`${command}\``),
        commands: [asTyped(command)],
        workflow: { namespace, workflowId, runId },
      },
    });
  }

  #recovered(): void {
    this.#isOpen = false;
    const { namespace, workflowId, runId } = workflowInfo();
    const at = this.#now();
    this.#send({
      event: {
        ...{ version: 1, kind: 'recovered', at, pipeline: this.#pipeline },
        id: eventId([namespace, workflowId, 'recovered', at]),
        what: `Changes of ${this.#pipeline} need no operator any more.`,
        workflow: { namespace, workflowId, runId },
      },
      completion: 'resolves its own',
    });
  }

  #send(input: Parameters<typeof raiseAlert>[0]): void {
    this.#raising++;
    void raiseAlert(input).finally(() => {
      this.#raising--;
    });
  }

  #now(): string {
    return new Date(Date.now()).toISOString();
  }
}

const nameOf = (key: ChangesCondition['key']) => JSON.stringify(key);
