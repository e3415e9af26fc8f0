import { lagText, reapplyText } from '../../contract/changes/apply-details.ts';
import { logText } from '../../contract/changes/follow-details.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { count, counted, duration, instant } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';
import { keptFor } from './changes-here.ts';
import { type ChangesView, type DestinationView, isDown } from './changes-view.ts';

/** `changes status` as lines of text. */

const MOST_FAILED = 10;
const MOST_GAPS = 5;
const MOST_REASON = 60;

/** The changes of one pipeline in detail: what reads them, what applies them, and what to do next. */
export function changesLines(view: ChangesView, colours: Palette): string[] {
  const { bold, dim, red } = colours;
  const { shards, trouble, failed, gaps } = view;
  return [
    `${bold(view.pipeline)}  ${dim(`${view.table}${view.epoch === undefined ? '' : `, epoch ${view.epoch}`}`)}`,
    stateText(view, colours),
    ...(trouble === undefined
      ? []
      : [
          red(
            `the stream cannot be watched since ${instant(new Date(trouble.at))}: ${asTypedHere(onOneLine(trouble.error))}`,
          ),
        ]),
    ...(shards === undefined
      ? []
      : [
          `${counted(shards.open, 'shard')} read, ${count(shards.ended)} read to the end${shards.failed === 0 ? '' : `, ${red(`${count(shards.failed)} failed`)}`}`,
        ]),
    ...readingLines(view),
    ...(view.log === undefined ? [] : [dim(`log: ${asTypedHere(logText(view.log))}`)]),
    ...failed
      .slice(0, MOST_FAILED)
      .flatMap(({ shard, code, error }) => [
        `${red(`✗ shard ${shard}`)}  ${dim(code)}`,
        `    ${asTypedHere(onOneLine(error))}`,
      ]),
    ...gaps
      .slice(-MOST_GAPS)
      .map(
        ({ at, reason, message }) =>
          `${red(`✗ gap (${reason})`)} ${dim(`at ${instant(new Date(at))}`)}: ${asTypedHere(onOneLine(message))}`,
      ),
    ...view.destinations.flatMap((each) => ['', ...destinationLines(view, each, colours)]),
    ...nextSteps(view).flatMap((step, i) => (i === 0 ? ['', colours.yellow(step)] : [colours.yellow(step)])),
  ];
}

/** How far the readers are behind their shards, and what slows them. */
function readingLines({ kind, reading = [] }: ChangesView): string[] {
  if (kind !== 'streams' || reading.length === 0) return [];
  const oldest = reading.reduce((most, { iteratorAgeSeconds }) => Math.max(most, iteratorAgeSeconds), 0);
  const hits = reading.reduce((sum, { limitHits }) => sum + limitHits, 0);
  return [
    `iterator age ${duration(oldest)}${hits === 0 ? '' : `, ${counted(hits, 'call')} refused because of the stream’s limits`}`,
  ];
}

/** The changes of several pipelines: one line per destination, then what needs an operator. */
export function changesTable(views: readonly ChangesView[], { dim }: Palette): string[] {
  const rows = views.flatMap((view) =>
    view.destinations.map((each, i) => [
      i === 0 ? view.pipeline : '',
      i === 0 ? view.state : '',
      i === 0 && view.shards !== undefined ? count(view.shards.open) : '',
      each.destination,
      each.state,
      each.lag === undefined ? '' : each.lag.seconds === 0 ? '0 s' : duration(each.lag.seconds),
      each.lag === undefined ? '' : count(each.lag.count),
      each.totals === undefined ? '' : count(each.totals.changes),
      each.last === undefined ? '' : `${instant(new Date(each.last.at))}, in ${duration(each.last.seconds)}`,
      each.why === undefined ? '' : clipped(asTypedHere(each.why), MOST_REASON),
    ]),
  );
  return [
    ...textTable(
      [
        ...[{ title: 'pipeline' }, { title: 'reading' }, { title: 'shards', align: 'right' as const }],
        ...[{ title: 'destination' }, { title: 'state' }, { title: 'lag', align: 'right' as const }],
        { title: 'waiting', align: 'right' },
        { title: 'applied', align: 'right' },
        ...[{ title: 'last' }, { title: '' }],
      ],
      rows,
      dim,
    ),
    ...views.flatMap(nextSteps),
  ];
}

function stateText({ state, why = '', since }: ChangesView, { green, red, yellow, dim }: Palette): string {
  const when = since === undefined ? '' : ` ${dim(`since ${instant(new Date(since))}`)}`;
  switch (state) {
    case 'following':
      return green('following');
    case 'waiting':
      return yellow('following, but something is not read');
    case 'gap':
      return red('following, but changes were lost');
    case 'paused':
      return `${yellow('reading is paused')}${when}: ${asTypedHere(onOneLine(why))}`;
    case 'unknown':
    case 'not started':
    case 'stopped':
    case 'failed':
      return silentText(state, why, when, { red, yellow });
  }
}

function silentText(
  state: string,
  why: string,
  when: string,
  { red, yellow }: Pick<Palette, 'red' | 'yellow'>,
): string {
  if (state === 'unknown')
    return `${yellow('running, but no worker answers')}${why === '' ? '' : `; last known state: ${why}`}`;
  if (state === 'not started') return red('not started');
  if (state === 'stopped') return `${red(why === 'cancelled' ? 'stopped' : `ended (${why})`)}${when}`;
  return `${red('failed')}${when}: ${asTypedHere(why)}`;
}

function destinationLines(
  view: Pick<ChangesView, 'pipeline'>,
  destination: DestinationView,
  colours: Palette,
): string[] {
  const { bold, dim, green, red, yellow } = colours;
  const { state, why = '', code, since, lag, totals, last, reapply } = destination;
  const when = since === undefined ? '' : ` ${dim(`since ${instant(new Date(since))}`)}`;
  const reason = `${when}${code === undefined ? '' : `  ${dim(code)}`}`;
  const shown = {
    applying: green('applying'),
    idle: green('idle'),
    paused: `${yellow('paused')}${when}: ${asTypedHere(onOneLine(why))}`,
    blocked: `${red('blocked')}${reason}`,
    'waiting for a refresh': `${red('waiting for a refresh')}${reason}`,
    removed: `${yellow('removed')}${when}, and still in the configuration`,
  } as Readonly<Record<string, string>>;
  const isExplained = state === 'blocked' || state === 'waiting for a refresh';
  const rows = [
    ...(lag === undefined ? [] : [['not applied', lagText(lag)]]),
    ...(totals === undefined
      ? []
      : [
          [
            'applied',
            `${counted(totals.changes, 'change')} in ${counted(totals.rounds, 'apply', 'applies')}, ${counted(totals.rows, 'row')} written, ${count(totals.setAside)} set aside`,
          ],
        ]),
    ...(last === undefined
      ? []
      : [
          [
            'last',
            `${counted(last.changes, 'change')} at ${instant(new Date(last.at))}, in ${duration(last.seconds)}${rateText(last)}`,
          ],
        ]),
  ];
  return [
    `${bold(destination.destination)}  ${dim(destination.place)}`,
    `  ${shown[state] ?? silentText(state, why, when, colours)}`,
    ...(isExplained ? [`    ${asTypedHere(onOneLine(why))}`] : []),
    ...(state === 'blocked'
      ? [`    → Fix the cause, then: ${order('retry', view.pipeline, destination)}`]
      : []),
    ...(state === 'waiting for a refresh'
      ? [`    → ${TRIBUTARY} run ${view.pipeline}${optionOf(destination)}${WITH_CONFIG}`]
      : []),
    ...(reapply === undefined
      ? []
      : [
          `  ${(reapply.state === 'failed' ? red : reapply.state === 'done' ? dim : yellow)(asTypedHere(reapplyText(reapply)))}`,
        ]),
    ...textTable([{ title: '' }, { title: '' }], rows).map((line) => `  ${line}`),
  ];
}

/** `, 250 per second` */
const rateText = ({ changes, seconds }: NonNullable<DestinationView['last']>) =>
  seconds < 1 || changes < seconds ? '' : `, ${count(Math.round(changes / seconds))} per second`;

/** A single warehouse needs no name. */
const optionOf = ({ destination }: DestinationView) =>
  destination === 'warehouse' ? '' : ` --destination ${destination}`;

const order = (verb: string, pipeline: string, destination: DestinationView) =>
  `${TRIBUTARY} changes ${verb} ${pipeline}${optionOf(destination)}${WITH_CONFIG}`;

/** What an operator does next, each with its command. */
function nextSteps(view: ChangesView): string[] {
  const { pipeline, destinations } = view;
  const down = destinations.filter(({ state }) => isDown(state));
  const paused = destinations.filter(({ state }) => state === 'paused');
  return [
    ...(isDown(view.state)
      ? [
          `The changes of ${pipeline} are not read. ${keptFor(view.kind)} Start it: ${TRIBUTARY} changes start ${pipeline}${WITH_CONFIG}`,
        ]
      : down.length === 0
        ? []
        : [
            `Not applied to ${down.map(({ destination }) => destination).join(', ')}. Start it: ${TRIBUTARY} changes start ${pipeline}${WITH_CONFIG}`,
          ]),
    ...(view.state === 'paused'
      ? [`Resume the reading: ${TRIBUTARY} changes resume ${pipeline} --reading${WITH_CONFIG}`]
      : []),
    ...paused.map((each) => `Resume it: ${order('resume', pipeline, each)}`),
    ...(view.failed.length === 0
      ? []
      : [
          `Read failed ${view.kind === 'exports' ? 'windows' : 'shards'} again: ${TRIBUTARY} changes retry ${pipeline}${WITH_CONFIG}`,
        ]),
  ];
}
