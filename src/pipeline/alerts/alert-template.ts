import { cut, onOneLine } from '../text/sentences.ts';
import { workflowPage } from '../text/web-ui.ts';
import type { AlertEvent, AlertKind } from './alert-event.ts';

/** Titles and texts of alerts, from templates with placeholders such as `{pipeline}`. */

/** Every placeholder, and what it stands for. docs/alerts.md has this table. */
export const PLACEHOLDERS = {
  pipeline: 'the name of the pipeline',
  run: 'the name of the run',
  schedule: 'the name of the schedule',
  kind: 'the kind of the event, e.g. `failed`',
  id: 'the id of the event',
  at: 'when it happened, e.g. `2026-11-29 06:00:12 UTC`',
  what: 'what happened, as a sentence',
  cause: 'why: the message of the failure, or what is new',
  code: 'the code of the failure, e.g. `TableNotFound`',
  phase: 'the phase, e.g. `load`',
  next: 'what to do, with the commands',
  commands: 'the commands alone',
  webUi: 'the link to the workflow in Temporal’s Web UI',
  report: 'the address of the run’s report in S3',
} as const;
type Placeholder = keyof typeof PLACEHOLDERS;

interface Template {
  readonly title: string;
  readonly text: string;
}

const TEXT = ['{what}', '{cause}', '{next}', 'Web UI: {webUi}', 'Report: {report}'].join('\n');

/** The templates that apply if the configuration has none. */
export const DEFAULT_TEMPLATES: Readonly<Record<AlertEvent['kind'], Template>> = {
  waiting: { title: '{pipeline} is waiting for you', text: TEXT },
  failed: { title: '{pipeline} failed in {phase}', text: TEXT },
  missing: { title: '{pipeline}: expected partitions are missing', text: TEXT },
  started: { title: '{pipeline} has started', text: TEXT },
  succeeded: { title: '{pipeline} has succeeded', text: TEXT },
  drifted: { title: '{pipeline}: the schema drifted', text: TEXT },
  setAside: { title: '{pipeline}: items were set aside', text: TEXT },
  checkFailed: { title: '{pipeline}: a check failed', text: TEXT },
  late: { title: '{pipeline} is late: schedule {schedule}', text: TEXT },
  recovered: { title: '{pipeline} has recovered', text: TEXT },
  test: { title: 'A test of Tributary’s alerts', text: TEXT },
};

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;
const TITLE_CHARACTERS = 200;

const isKnown = (name: string): name is Placeholder => Object.hasOwn(PLACEHOLDERS, name);

/** What to report about a template with a placeholder that does not exist; undefined if it has none. */
export function unknownPlaceholder(template: string): string | undefined {
  const unknown = [...template.matchAll(PLACEHOLDER)].find(([, name = '']) => !isKnown(name));
  if (unknown === undefined) return undefined;
  return `only the placeholders ${Object.keys(PLACEHOLDERS)
    .map((name) => `{${name}}`)
    .join(', ')}: there is no ${unknown[0]}`;
}

export interface AlertText {
  /** One line. */
  readonly title: string;
  readonly text: string;
}

/**
 * The title and text of an event. A line of the text whose placeholders are all empty is left out.
 * @param templates the configuration's own
 * @param webUi the URL of Temporal's Web UI
 */
export function alertText(
  event: AlertEvent,
  {
    templates,
    webUi,
  }: {
    readonly templates?: Partial<
      Record<AlertKind, { title?: string | undefined; text?: string | undefined } | undefined>
    >;
    readonly webUi?: string | undefined;
  } = {},
): AlertText {
  const own = event.kind === 'test' ? undefined : templates?.[event.kind];
  const { title, text } = DEFAULT_TEMPLATES[event.kind];
  const values = valuesOf(event, webUi);
  const lines = (own?.text ?? text).split('\n').flatMap((line) => {
    const named = [...line.matchAll(PLACEHOLDER)].flatMap(([, name = '']) => (isKnown(name) ? [name] : []));
    return named.length > 0 && named.every((name) => values[name] === '') ? [] : [fill(line, values)];
  });
  return {
    title: cut(onOneLine(fill(own?.title ?? title, values)), TITLE_CHARACTERS),
    text: lines.join('\n').trim(),
  };
}

const fill = (template: string, values: Readonly<Record<Placeholder, string>>): string =>
  template.replaceAll(PLACEHOLDER, (whole, name: string) => (isKnown(name) ? values[name] : whole));

function valuesOf(event: AlertEvent, webUi: string | undefined): Record<Placeholder, string> {
  return {
    pipeline: event.pipeline,
    run: event.run ?? '',
    schedule: event.schedule ?? '',
    kind: event.kind,
    id: event.id,
    at: event.at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC'),
    what: event.what,
    cause: event.cause ?? '',
    code: event.code ?? '',
    phase: event.phase ?? '',
    next: event.next ?? '',
    commands: (event.commands ?? []).join(' && '),
    webUi: webUi === undefined || event.workflow === undefined ? '' : workflowPage(webUi, event.workflow),
    report: event.report ?? '',
  };
}
