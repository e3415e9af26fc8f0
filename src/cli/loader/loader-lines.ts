import { retryText } from '../../contract/loader/loader-details.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { byteSize, count, counted, duration, instant } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';
import { type LoaderView, needsStart, type ViewedBatch, type WatcherView } from './loader-view.ts';

/** `loader status` as lines of text. */

const MOST_UNMATCHED = 5;
const MOST_REASON = 60;
/** A count of what waits that is older than this says so. */
const FRESH_MS = 10_000;

/** The loaders of one table in detail: state, what waits, what is loaded, what is parked and what to do next. */
export function loaderLines(
  view: LoaderView,
  { nowMs, mostParked = 10 }: { readonly nowMs: number; readonly mostParked?: number },
  colours: Palette,
): string[] {
  const { bold, dim, red, yellow } = colours;
  const rows = [
    ['waiting', waitingText(view, nowMs)],
    ...(view.current === undefined ? [] : [['loading', currentText(view.current, nowMs)]]),
    ...(view.current?.retry === undefined
      ? []
      : [['retried', asTypedHere(onOneLine(retryText(view.current.retry)))]]),
    ...(view.next.length === 0 ? [] : [['next', nextText(view.next)]]),
    ...totalsRows(view),
    ...(view.parkedTotal === 0 ? [] : [['parked', counted(view.parkedTotal, 'batch', 'batches')]]),
  ];
  const hidden = view.parkedTotal - Math.min(view.parked.length, mostParked);
  return [
    `${bold(view.loaders.join(', '))}  ${dim(view.table)}`,
    stateText(view, colours),
    ...view.troubles.map((trouble) => red(asTypedHere(trouble))),
    '',
    ...textTable([{ title: '' }, { title: '' }], rows).map((line) => `  ${line}`),
    ...view.parked.slice(0, mostParked).flatMap((batch) => ['', ...parkedLines(view, batch, colours)]),
    ...(hidden > 0
      ? ['', dim(`and ${hidden} more: ${TRIBUTARY} loader batches ${nameOf(view)} --parked${WITH_CONFIG}`)]
      : []),
    '',
    ...view.watchers.flatMap((watcher) => watcherLines(watcher, nowMs, colours)),
    ...nextSteps(view).map((step) => yellow(step)),
  ];
}

/** Loaders of several tables: one line each, then what needs an operator. */
export function loadersTable(
  views: readonly LoaderView[],
  { nowMs }: { readonly nowMs: number },
  colours: Palette,
): string[] {
  const table = textTable(
    [
      { title: 'loader' },
      { title: 'state' },
      { title: 'waiting', align: 'right' },
      { title: 'oldest', align: 'right' },
      { title: 'parked', align: 'right' },
      { title: 'files', align: 'right' },
      { title: 'rows written', align: 'right' },
      { title: 'last' },
    ],
    views.map((view) => [
      view.loaders.join(', '),
      view.current === undefined ? view.state : `batch ${view.current.batch}`,
      view.waiting === undefined ? '?' : count(view.waiting.files),
      ageOf(view.waiting?.oldest, nowMs),
      count(view.parkedTotal),
      view.totals === undefined ? '' : count(view.totals.files),
      view.totals === undefined ? '' : count(view.totals.merged),
      view.last === undefined ? '' : instant(new Date(view.last.at)),
    ]),
    colours.dim,
  );
  const concerns = views.flatMap((view) => [
    ...view.parked
      .slice(0, 1)
      .map(({ batch, error }) => `${nameOf(view)}: batch ${batch} is parked: ${clipped(error, MOST_REASON)}`),
    ...view.watchers.flatMap(({ problems }) =>
      problems.map(({ of, error }) => `${nameOf(view)}: ${of}: ${clipped(error, MOST_REASON)}`),
    ),
    ...nextSteps(view),
  ]);
  return [
    ...table,
    ...(concerns.length === 0 ? [] : ['', ...concerns.map((line) => colours.yellow(asTypedHere(line)))]),
    '',
    colours.dim(`Details: ${TRIBUTARY} loader status <name>${WITH_CONFIG}`),
  ];
}

const nameOf = ({ loaders }: LoaderView): string => loaders[0] ?? '';

function stateText(view: LoaderView, { green, red, yellow, dim }: Palette): string {
  const { why = '', since, state } = view;
  const when = since === undefined ? '' : ` ${dim(`since ${instant(new Date(since))}`)}`;
  switch (state) {
    case 'loading':
      return `${green(`loading batch ${view.current?.batch}`)}${why === '' ? '' : `, the last one before a pause${when}: ${asTypedHere(onOneLine(why))}`}`;
    case 'idle':
      return green(view.parkedTotal === 0 ? 'idle' : 'idle, with parked batches');
    case 'paused':
      return `${yellow('paused')}${when}: ${asTypedHere(onOneLine(why))}`;
    case 'unknown':
      return `${yellow('running, but no worker answers')}${why === '' ? '' : `; last known state: ${why}`}`;
    case 'not started':
      return red('not started');
    case 'stopped':
      return `${red(why === 'cancelled' ? 'stopped' : `ended (${why})`)}${when}`;
    case 'failed':
      return `${red('failed')}${when}: ${asTypedHere(why)}`;
  }
}

function waitingText({ waiting }: LoaderView, nowMs: number): string {
  if (waiting === undefined) return 'not known';
  const { files, bytes, oldest, estimated, more, at } = waiting;
  // A loader that is paused or loads looks at its inbox once a minute.
  const isOld = at !== undefined && nowMs - Date.parse(at) > FRESH_MS;
  const age = isOld ? ` (${ageOf(at, nowMs)} ago)` : '';
  if (files === 0) return `no files${age}`;
  const about = `${estimated ? 'about ' : ''}${counted(files, 'file')}${more ? ' or more' : ''}, ${byteSize(bytes)}`;
  return `${about}${oldest === undefined ? '' : `, the oldest for ${ageOf(oldest, nowMs)}`}${age}`;
}

const ageOf = (at: string | undefined, nowMs: number): string =>
  at === undefined ? '' : duration(Math.max(0, (nowMs - Date.parse(at)) / 1000));

const currentText = (
  { batch, files, bytes, reason, startedAt }: NonNullable<LoaderView['current']>,
  nowMs: number,
) =>
  `batch ${batch}: ${counted(files, 'file')}, ${byteSize(bytes)}, for ${ageOf(startedAt, nowMs)} (started by ${reason})`;

const nextText = (next: LoaderView['next']) =>
  `${counted(next.length, 'batch', 'batches')}: ${next.slice(0, 10).join(', ')}${next.length > 10 ? ', …' : ''}`;

function totalsRows({ totals, totalsSince, last }: LoaderView): string[][] {
  if (totals === undefined) return [];
  const { batches, files, bytes, rows, merged, deleted, setAside } = totals;
  return [
    [
      'loaded',
      `${counted(batches, 'batch', 'batches')}, ${counted(files, 'file')}, ${byteSize(bytes)}${sinceText(totalsSince)}`,
    ],
    [
      'rows',
      `${count(rows)} read, ${count(merged)} written, ${count(deleted)} deleted, ${count(setAside)} set aside`,
    ],
    ...(last === undefined
      ? []
      : [['last', `batch ${last.batch} at ${instant(new Date(last.at))}, ${counted(last.rows, 'row')}`]]),
  ];
}

const sinceText = (since: string | undefined) =>
  since === undefined ? '' : `, since ${instant(new Date(since))}`;

function parkedLines(view: LoaderView, parked: ViewedBatch, { red, dim }: Palette): string[] {
  const { batch, files, code, error, at } = parked;
  const since = at === '' ? '' : ` since ${instant(new Date(at))}`;
  return [
    `${red(`✗ batch ${batch} is parked`)}${dim(`${since}, ${counted(files, 'file')}  ${code}`)}`,
    ...(error === '' ? [] : asTypedHere(error).split('\n')).map((line) => `    ${line}`),
    ...parkedSteps(view, parked).map((step) => `    → ${step}`),
  ];
}

/** What to do about a parked batch. */
function parkedSteps(
  view: Pick<LoaderView, 'loaders' | 'state'>,
  { batch, files, code }: Pick<ViewedBatch, 'batch' | 'files' | 'code'>,
): string[] {
  const name = view.loaders[0];
  const order = (verb: string, rest = '') =>
    `${TRIBUTARY} loader ${verb} ${name} ${batch}${rest}${WITH_CONFIG}`;
  if (code === 'TargetRecreated') {
    return [
      `To load into the new table: ${TRIBUTARY} loader resume ${name} --accept-table${WITH_CONFIG}, then ${order('retry')}`,
    ];
  }
  const isStopped = code === 'CancelledFailure' || code === 'TerminatedFailure';
  return [
    `${isStopped ? 'Load it again' : 'Fix the cause, then load it again'}: ${order('retry')}`,
    files > 1
      ? `Or halve it until the bad file is alone: ${order('split')}; leave its files out: ${order('skip')}`
      : `Or leave its file out: ${order('skip')}`,
  ];
}

function watcherLines(watcher: WatcherView, nowMs: number, colours: Palette): string[] {
  const { dim, green, red, yellow } = colours;
  const { watches, state, why, totals, totalsSince, unusedSince, queue, listings, problems, unmatched } =
    watcher;
  const shownState = {
    running: green('watching'),
    unknown: yellow('watching, but no worker answers:'),
    'not started': red('not watched:'),
    stopped: red(`not watched (${why === 'cancelled' ? 'stopped' : why}):`),
    failed: red(`not watched (failed: ${why}):`),
  }[state];
  const figures =
    totals === undefined
      ? []
      : watches.startsWith('queue ')
        ? [
            counted(totals.messages, 'message'),
            `${counted(totals.files, 'file')} announced`,
            ...(totals.listed === 0 ? [] : [`${counted(totals.listed, 'file')} found by listing`]),
            ...(totals.unmatched === 0
              ? []
              : [`${counted(totals.unmatched, 'file')} that no loader matches`]),
            ...(totals.poison === 0 ? [] : [`messages not of S3 received ${counted(totals.poison, 'time')}`]),
          ]
        : [`${counted(totals.listed, 'file')} found`];
  return [
    `${shownState} ${watches}`,
    ...(unusedSince === undefined
      ? []
      : [
          yellow(
            `    no loader of the worker's configuration uses it since ${instant(new Date(unusedSince))}: it ends by itself ` +
              'after ten minutes',
          ),
        ]),
    ...(figures.length === 0 ? [] : [`    ${figures.join(', ')}${sinceText(totalsSince)}`]),
    ...(queue === undefined
      ? []
      : [
          `    in the queue: ${count(queue.visible)} waiting, ${count(queue.inFlight)} in flight` +
            `${queue.oldestSeconds === 0 ? '' : `, the oldest for ${duration(queue.oldestSeconds)}`}` +
            dim(` (${ageOf(queue.at, nowMs)} ago)`),
        ]),
    ...listings.map(
      ({ loader, at, from, files, found, tooOld }) =>
        `    listed for ${loader} ${ageOf(at, nowMs)} ago: ${counted(files, 'file')} since ${instant(new Date(from))}, ` +
        `${count(found)} new${tooOld === 0 ? '' : `, ${count(tooOld)} older than the ledger`}`,
    ),
    ...problems.map(
      ({ of, code, error }) => `    ${red(`✗ ${of}: ${code}`)}: ${asTypedHere(onOneLine(error))}`,
    ),
    ...unmatched.slice(0, MOST_UNMATCHED).map((file) => dim(`    no loader matches ${file}`)),
    '',
  ];
}

/** What an operator does next, each with its command. */
function nextSteps(view: LoaderView): string[] {
  const name = nameOf(view);
  const steps: string[] = [];
  if (needsStart(view)) {
    const waits = view.waiting?.files ?? 0;
    const files =
      waits === 0 ? '' : `${counted(waits, 'file')} of ${name} wait${waits === 1 ? 's' : ''} in S3. `;
    steps.push(`${files}Start it: ${TRIBUTARY} loader start ${view.loaders.join(' ')}${WITH_CONFIG}`);
  }
  if (view.state === 'paused' || (view.state === 'loading' && view.why !== undefined))
    steps.push(`Resume it: ${TRIBUTARY} loader resume ${name}${WITH_CONFIG}`);
  return steps;
}
