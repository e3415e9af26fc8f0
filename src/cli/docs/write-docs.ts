import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { findDefinition, findPipeline } from '../../config/find-pipeline.ts';
import { type ExpandedConfig, namedPipelines } from '../../config/table-patterns.ts';
import { definitionsOf } from '../../pipeline/definition/pipeline.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { dbtSources, type FreshnessLimits } from '../../pipeline/documentation/dbt-sources.ts';
import { documentedSchema } from '../../pipeline/documentation/documented-schema.ts';
import { pipelineHistory } from '../../pipeline/documentation/run-history.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import type { Report } from '../../pipeline/run/report.ts';
import { begun } from '../../pipeline/schema/epoch.ts';
import { workflowPage } from '../../pipeline/text/web-ui.ts';
import { type CataloguedSchema, catalogueHtml } from '../../report/catalogue-html.ts';
import { indexHtml } from '../../report/index-html.ts';
import { reportHtml } from '../../report/report-html.ts';
import { findManifest } from '../../store/run-files.ts';
import { warehouseHere } from '../query/warehouse-here.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { configHere } from '../temporal/config-here.ts';
import { temporalTarget } from '../temporal/temporal-target.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { asTypedHere, TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { openInBrowser } from '../terminal/open-in-browser.ts';
import { whyNotWritten } from '../terminal/why-not-written.ts';
import { liveRun, profileSchema } from './profile-schema.ts';
import { readPipeline, type StoredPipeline } from './read-pipeline.ts';

export interface DocsOptions {
  readonly out: string;
  readonly runs: number;
  /** False: the warehouse is not queried. */
  readonly profiles: boolean;
  /** False: no value of an item is shown. */
  readonly samples: boolean;
  readonly webUi?: string;
  readonly warnAfter: number;
  readonly errorAfter: number;
  readonly open?: boolean;
  readonly destination?: string;
  readonly config?: string;
}

/** Writes the catalogue, the index of runs with their reports, and dbt's sources into one directory. */
export async function writeDocs(names: readonly string[], options: DocsOptions): Promise<ExitCode> {
  if (options.errorAfter < options.warnAfter)
    throw new CommandError(ExitCode.usage, '--error-after must not be shorter than --warn-after.');
  const config = await configHere(options.config);
  const wanted = names.length === 0 ? Object.keys(config.pipelines) : namedPipelines(config, names);
  const definitions = wanted.flatMap((name) => definitionsToDescribe(config, name, options.destination));
  const stack = chosenLocalStack(options.config);
  useLocalStack(stack);
  const { ui, namespace } = temporalTarget(stack);
  const interrupt = onInterrupt();
  try {
    const described: Described[] = [];
    for (const [pipeline, definition] of definitions)
      described.push(await describe(pipeline, definition, options, interrupt.signal));
    const webUi = options.webUi ?? config.alerts.webUi ?? ui;
    const pages = new Pages(options.out, described, ({ workflowId }) =>
      webUi === undefined ? undefined : workflowPage(webUi, { namespace, workflowId }),
    );
    await pages.write({ warnAfterSeconds: options.warnAfter, errorAfterSeconds: options.errorAfter });
    if (options.open && !(await openInBrowser(pages.catalogue)))
      throw new CommandError(
        ExitCode.failed,
        `No program to open a page was found. Open it yourself: ${pages.catalogue}`,
      );
  } finally {
    interrupt.release();
  }
  return ExitCode.done;
}

/** All destinations of a pipeline; or the one that is named. */
function definitionsToDescribe(config: ExpandedConfig, name: string, destination: string | undefined) {
  const definitions =
    destination === undefined
      ? Object.values(definitionsOf(findPipeline(config, name)))
      : [findDefinition(config, name, destination)];
  return definitions.map((each) => [name, each] as const);
}

/** A pipeline as the pages show it. */
interface Described {
  readonly stored: StoredPipeline;
  /** Undefined if nothing is agreed yet. */
  readonly catalogued: Omit<CataloguedSchema, 'report'> | undefined;
  /** The run whose data is live, as far as it is known. */
  readonly live: string | undefined;
  readonly notes: readonly string[];
}

async function describe(
  pipeline: string,
  definition: PipelineDefinition,
  { config, runs, profiles: wanted, samples }: DocsOptions,
  signal: AbortSignal,
): Promise<Described> {
  const stored = await readPipeline(pipeline, definition, { config, mostRuns: runs });
  const { at, revisions, reports } = stored;
  const agreed = begun(revisions.at(-1));
  if (agreed === undefined) {
    const note = `${pipeline} has no schema yet. Run it: ${TRIBUTARY} run ${pipeline}`;
    return { stored, catalogued: undefined, live: undefined, notes: [note] };
  }
  const replaced = reports
    .filter(({ outcome, status }) => outcome === 'completed' && status === 'replaced')
    .toSorted((a, b) => Date.parse(b.plannedAt) - Date.parse(a.plannedAt))[0]?.run;
  const { schema } = definition.warehouse;
  const notes: string[] = [];
  const asked = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw error;
      notes.push(`${what} of ${pipeline}: ${messageOf(error)}`);
      return undefined;
    }
  };
  // Without a replacement there is nothing to query.
  const warehouse = wanted && replaced !== undefined ? await warehouseHere(definition.warehouse) : undefined;
  const live =
    (warehouse &&
      (await asked('The live run is taken from the reports', () => liveRun(warehouse, schema, signal)))) ??
    replaced;
  const manifest =
    live === undefined
      ? undefined
      : await findManifest(at.store, { pipeline, run: live, bucket: at.store.bucket, prefix: at.prefix });
  const documented = documentedSchema({ pipeline: labelOf(stored), definition, agreed, manifest, revisions });
  const profiles =
    warehouse && manifest && notes.length === 0
      ? await asked('No values are shown', () =>
          profileSchema(warehouse, schema, documented.tables, {
            samples: samples && !definition.redactValues,
            signal,
          }),
        )
      : undefined;
  return { stored, catalogued: { schema: documented, profiles: profiles ?? new Map() }, live, notes };
}

/** `orders`; `orders/team-b` for a named destination. */
const labelOf = ({ at: { pipeline, destination } }: StoredPipeline): string =>
  destination === undefined ? pipeline : `${pipeline}/${destination}`;

/** The files of the directory, which link to each other. */
class Pages {
  readonly catalogue: string;
  readonly #out: string;
  readonly #described: readonly Described[];
  readonly #webUiOf: (report: Report) => string | undefined;

  constructor(out: string, described: readonly Described[], webUiOf: (report: Report) => string | undefined) {
    this.#out = out;
    this.#described = described;
    this.#webUiOf = webUiOf;
    this.catalogue = join(out, 'catalogue.html');
  }

  async write(limits: FreshnessLimits): Promise<void> {
    const writtenAt = new Date().toISOString();
    const reports = this.#described.flatMap(({ stored }) => stored.reports);
    const schemas = this.#described.flatMap(({ catalogued, stored }) =>
      catalogued === undefined ? [] : [{ ...catalogued, pipeline: stored.at.pipeline }],
    );
    const notes = this.#described.flatMap((each) => each.notes);
    const known = new Set(reports.map(pathOf));
    for (const report of reports) {
      const { previous, pipeline } = report;
      const before = previous && pathOf({ pipeline, run: previous.run });
      const links = {
        index: '../../index.html',
        catalogue: '../../catalogue.html',
        previous: before !== undefined && known.has(before) ? `../../${before}` : undefined,
        webUi: this.#webUiOf(report),
      };
      await this.#put(pathOf(report), reportHtml(report, asTypedHere, links));
    }
    await this.#put(
      'index.html',
      indexHtml(
        this.#described.flatMap(({ stored, live }) =>
          stored.reports.length === 0 ? [] : [pipelineHistory(labelOf(stored), stored.reports, live)],
        ),
        {
          ...{ writtenAt, catalogue: 'catalogue.html' },
          reportOf: pathOf,
          webUiOf: this.#webUiOf,
        },
      ),
    );
    const catalogued = schemas.map(({ pipeline, ...each }): CataloguedSchema => {
      const { run } = each.schema;
      const path = run && pathOf({ pipeline, run: run.name });
      return { ...each, report: path !== undefined && known.has(path) ? path : undefined };
    });
    await this.#put('catalogue.html', catalogueHtml(catalogued, { writtenAt, index: 'index.html', notes }));
    const sources = dbtSources(
      schemas.map(({ schema }) => schema),
      limits,
    );
    await this.#put(
      'sources.yml',
      `# Written by Tributary. Write it again after the schema changes.\n${stringify(sources)}`,
    );
    for (const note of notes) process.stderr.write(`${asTypedHere(note)}\n`);
    const say = (file: string, what: string) => process.stdout.write(`${join(this.#out, file)}  ${what}\n`);
    const tables = schemas.flatMap(({ schema }) => schema.tables);
    say('catalogue.html', `${counted(tables.length, 'table')} of ${counted(schemas.length, 'pipeline')}`);
    say('index.html', counted(reports.length, 'run'));
    say('sources.yml', 'for dbt');
  }

  async #put(file: string, text: string): Promise<void> {
    const path = join(this.#out, file);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    } catch (error) {
      throw new CommandError(ExitCode.usage, `Cannot write ${path}: ${whyNotWritten(error)}.`, {
        cause: error,
      });
    }
  }
}

/** Names of pipelines and runs have no characters to escape. */
const pathOf = ({ pipeline, run }: Pick<Report, 'pipeline' | 'run'>) => `reports/${pipeline}/${run}.html`;
