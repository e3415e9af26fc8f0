/** The keys of a run's objects in S3: the one place for the whole grammar. */

export interface RunLocation {
  readonly prefix: string;
  readonly pipeline: string;
  readonly run: string;
}

const digits = (n: number) => String(n).padStart(5, '0');

/** `00017`: a segment or checkpoint number as written in keys, workflow ids and messages. */
export const paddedNumber = digits;

export const pipelineDirectory = (at: Omit<RunLocation, 'run'>) => `${at.prefix}/${at.pipeline}`;
export const runsDirectory = (at: Omit<RunLocation, 'run'>) => `${pipelineDirectory(at)}/runs/`;
/** What alerts know about the pipeline from event to event. */
export const alertsKey = (at: Omit<RunLocation, 'run'>) => `${pipelineDirectory(at)}/alerts.json`;
export const runDirectory = (at: RunLocation) => `${runsDirectory(at)}${at.run}`;

export const planKey = (at: RunLocation) => `${runDirectory(at)}/plan.json`;
/** The export that a run asked for. */
export const requestedExportKey = (at: RunLocation) => `${runDirectory(at)}/export.json`;
export const observationKey = (at: RunLocation) => `${runDirectory(at)}/observation.json`;
export const manifestKey = (at: RunLocation) => `${runDirectory(at)}/manifest.json`;
/** What changes have added to the tables of the manifest, once the run is live. */
export const evolvedKey = (at: RunLocation) => `${runDirectory(at)}/evolved.json`;
export const reportKey = (at: RunLocation) => `${runDirectory(at)}/report.json`;
export const reportPageKey = (at: RunLocation) => `${runDirectory(at)}/report.html`;

/** @param step of the growth of the run's layouts, from 1 */
export const grownLayoutsKey = (at: RunLocation, step: number) =>
  `${runDirectory(at)}/layouts/${digits(step)}.json`;

export const segmentsDirectory = (at: RunLocation) => `${runDirectory(at)}/segments/`;
export const segmentDirectory = (at: RunLocation, segment: number) =>
  `${segmentsDirectory(at)}${digits(segment)}/`;
export const checkpointKey = (at: RunLocation, segment: number, checkpoint: number) =>
  `${segmentDirectory(at, segment)}checkpoint-${digits(checkpoint)}.json`;

/** The writer of a part file: a segment at one of its cuts, or the seal, which writes the odd items. */
export interface PartWriter {
  readonly segment: number | 'seal';
  readonly cut: number;
  readonly attempt: string;
}

const writerName = (w: PartWriter) =>
  `${w.segment === 'seal' ? 'seal' : digits(w.segment)}-${digits(w.cut)}-${w.attempt}`;

/** @param tableFolder a name that is safe in keys: see `tableFolder` in part-key.ts */
export const partKey = (
  at: RunLocation,
  tableFolder: string,
  w: PartWriter,
  layout: string,
  suffix: string,
) => `${runDirectory(at)}/data/${tableFolder}/${writerName(w)}-${layout}.csv.${suffix}`;
/** The directory of a run's part files, from the key of one of them. */
export const dataDirectory = (key: string): string => /^.*\/runs\/[^/]+\/data\//.exec(key)?.[0] ?? key;
export const oddKey = (at: RunLocation, w: PartWriter, suffix: string) =>
  `${runDirectory(at)}/odd/${writerName(w)}.jsonl.${suffix}`;
export const rejectsKey = (at: RunLocation, w: PartWriter, suffix: string) =>
  `${runDirectory(at)}/rejects/${writerName(w)}.jsonl.${suffix}`;
export const copyManifestKey = (at: RunLocation, table: string, layout: string, files: string) =>
  `${runDirectory(at)}/copy/${table}-${layout}-${files}.manifest`;
/** A one-line file for COPY to check, so that a missing role or permission shows before the extraction. */
export const copyProbeKey = (at: RunLocation) => `${runDirectory(at)}/copy/probe.csv`;
/** The results of the pipeline's checks. */
export const checksDirectory = (at: RunLocation) => `${runDirectory(at)}/checks/`;
export const checkResultKey = (at: RunLocation, check: string) => `${checksDirectory(at)}${check}.json`;
/** The logs of the statements that executions of activities ran. Each log has a new `id`. */
export const statementsDirectory = (at: RunLocation) => `${runDirectory(at)}/statements/`;
export const statementLogKey = (at: RunLocation, phase: string, id: string) =>
  `${statementsDirectory(at)}${phase}-${id}.json`;
/** What a rollback chose, kept beside the runs. @param request the id of the request, which a reset does not change */
export const rollbackKey = (at: Omit<RunLocation, 'run'>, request: string) =>
  `${pipelineDirectory(at)}/rollbacks/${request}.json`;
/** One small object per generation of the run's staging schema, so that no name is used twice. */
export const generationsDirectory = (at: RunLocation) => `${runDirectory(at)}/staging/`;
export const generationKey = (at: RunLocation, generation: number) =>
  `${generationsDirectory(at)}${digits(generation)}.json`;
