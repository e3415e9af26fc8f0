import type { BucketMaintenance } from '../../clients/bucket-maintenance.ts';
import type { Catalogue } from '../../clients/catalogue.ts';
import type { ChangeStreams } from '../../clients/change-stream.ts';
import type { HttpPost } from '../../clients/http-post.ts';
import type { Mailer } from '../../clients/mailer.ts';
import type { MessageQueue } from '../../clients/message-queue.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { TableEngine } from '../../clients/table-engine.ts';
import type { TableExports } from '../../clients/table-exports.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { Topic } from '../../clients/topic.ts';
import type { Warehouse, WarehouseTarget } from '../../clients/warehouse.ts';
import type { AlertsDefinition } from '../../pipeline/alerts/alerts-definition.ts';
import type { StepChecks } from '../../pipeline/datasets/checks-setting.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import type { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';
import type { FetchedDefinition } from '../../pipeline/datasets/derived/fetched-definition.ts';
import type { PublicationDefinition } from '../../pipeline/datasets/derived/publication.ts';
import type { TableColumn } from '../../pipeline/datasets/parquet/column-type.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { LineageDefinition } from '../../pipeline/lineage/lineage-definition.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import type { ReadRates } from './read-rates.ts';
import type { UnforeseenErrors } from './unforeseen-errors.ts';

/** What activities work with. The worker creates it once, or a test does. */
export interface Dependencies {
  readonly source: TableSource;
  readonly changeStreams: ChangeStreams;
  readonly tableExports: TableExports;
  store(bucket: string): ObjectStore;
  bucketMaintenance(bucket: string): BucketMaintenance;
  warehouse(target: WarehouseTarget): Warehouse;
  /** The SQS queue with this URL. */
  queue(url: string): MessageQueue;
  /** A pipeline of the worker's configuration, reread at each call. @throws Terminal `UnknownPipeline` */
  pipelineOf(pipeline: string): Promise<Pipeline>;
  /**
   * What runs into one of its destinations work by.
   * @param destination may be absent if the pipeline has only one of kind `redshift`
   * @throws Terminal `UnknownPipeline`, `UnknownDestination`, `WhichDestination`
   */
  definitionOf(pipeline: string, destination?: string): Promise<PipelineDefinition>;
  /** The loaders of the worker's configuration by name, reread at each call. @throws Terminal if there is no valid file. */
  loaders(): Promise<Readonly<Record<string, LoaderDefinition>>>;
  /** The datasets of the worker's configuration by name, reread at each call. @throws Terminal if there is no valid file. */
  datasets(): Promise<Readonly<Record<string, DatasetDefinition>>>;
  /** The derived datasets, likewise. */
  derivedDatasets(): Promise<Readonly<Record<string, DerivedDefinition>>>;
  /** The fetched datasets, likewise. */
  fetchedDatasets(): Promise<Readonly<Record<string, FetchedDefinition>>>;
  /** An environment variable of the worker; undefined if it is unset or empty. */
  environmentVariable(name: string): string | undefined;
  /** The publications, likewise. */
  publications(): Promise<Readonly<Record<string, PublicationDefinition>>>;
  /** The text of a file beside the configuration, such as a step. @throws Terminal `StepInvalid` if it cannot be read */
  stepText(path: string): Promise<string>;
  /** The checks in a file beside the configuration. @throws Terminal `StepInvalid` if it cannot be used */
  checksFile(path: string): Promise<StepChecks>;
  readonly recordModules: RecordModuleCodes;
  readonly tableEngine: TableEngine;
  /** The Glue Data Catalog of a region. @param region undefined: that of the worker's AWS clients */
  catalogue(region: string | undefined): Catalogue;
  /**
   * This host's clock, in milliseconds since 1970. It may be wrong: what other hosts rely on uses `sharedTime`.
   */
  nowMs(): number;
  /** Counted for this worker alone. */
  readonly unforeseen: UnforeseenErrors;
  /** The shares of read rates that this worker uses. */
  readonly readRates: ReadRates;
  readonly alerts: AlertDependencies;
  /** The key with which values are hashed: TRIBUTARY_HASH_KEY. */
  readonly hashKey?: string | undefined;
  /** Aborted when the worker begins to stop: long work then saves its state, so that another worker can resume it. */
  readonly stopping?: AbortSignal;
}

/** The record modules of datasets, as this worker has them. */
export interface RecordModuleCodes {
  /** Bundled when it is first needed, once. @throws Terminal `ModuleUnusable` */
  codeOf(definition: DatasetDefinition): Promise<RecordCode>;
  /** Another module beside the configuration, with its imports, likewise. @throws Terminal `ModuleUnusable` */
  bundleOf(path: string): Promise<{ readonly bundle: string; readonly file: string }>;
  /** The module's columns; of each version, it is loaded once. @throws Terminal `ModuleUnusable` */
  columnsOf(definition: DatasetDefinition): Promise<readonly ModuleColumn[]>;
}

export interface ModuleColumn extends TableColumn {
  readonly comment?: string;
  readonly isComputed: boolean;
}

/** A dataset's record module with its imports, as one script. */
export interface RecordCode {
  readonly bundle: string;
  /** The module's path. */
  readonly file: string;
  /** Of the module and of the settings that decide about rows. */
  readonly version: string;
}

/** What the delivery of alerts works with. */
export interface AlertDependencies {
  /** The block `alerts` of the worker's configuration, reread at each call. @throws Terminal if there is no valid file. */
  definition(): Promise<AlertsDefinition>;
  /** The block `lineage`, likewise; undefined if there is none. */
  lineage(): Promise<LineageDefinition | undefined>;
  /** The region of the worker's AWS clients, if its environment names it. */
  readonly region: string | undefined;
  /** An environment variable of the worker, or undefined if it is unset or empty. */
  secret(variable: string): string | undefined;
  readonly http: HttpPost;
  readonly mailer: Mailer;
  topic(arn: string): Topic;
}
