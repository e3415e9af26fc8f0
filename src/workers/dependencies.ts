import { dirname } from 'node:path';
import { stepReader } from '../activities/datasets/derived/step-reader.ts';
import { RecordModules } from '../activities/datasets/record-modules.ts';
import type { Dependencies } from '../activities/runtime/dependencies.ts';
import { hashKeyFromEnvironment } from '../activities/runtime/hash-key.ts';
import { ReadRates } from '../activities/runtime/read-rates.ts';
import { UnforeseenErrors } from '../activities/runtime/unforeseen-errors.ts';
import { addressesFromEnvironment } from '../clients/aws/addresses.ts';
import { createDuckDbTableEngine } from '../clients/duckdb/duckdb-table-engine.ts';
import { createDynamoDBTableExports } from '../clients/dynamodb/dynamodb-table-exports.ts';
import { createDynamoDBTableSource, dynamodbClient } from '../clients/dynamodb/dynamodb-table-source.ts';
import { lateChangeStreams } from '../clients/dynamodb/late-change-streams.ts';
import { listTables } from '../clients/dynamodb/list-tables.ts';
import { Terminal } from '../clients/errors.ts';
import { lateCatalogues } from '../clients/glue/late-catalogue.ts';
import { createFetchPost } from '../clients/http/fetch-post.ts';
import { dataApiLimitsFromEnvironment } from '../clients/redshift/data-api-limits.ts';
import { DataApiShare } from '../clients/redshift/data-api-share.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../clients/redshift/redshift-data-warehouse.ts';
import { createS3BucketMaintenance } from '../clients/s3/s3-bucket-maintenance.ts';
import { createS3ObjectStore, s3Client } from '../clients/s3/s3-object-store.ts';
import { createNodemailerMailer } from '../clients/smtp/nodemailer-mailer.ts';
import { lateTopic } from '../clients/sns/late-topic.ts';
import { lateMessageQueues } from '../clients/sqs/late-message-queue.ts';
import { ConfigError } from '../config/config-error.ts';
import { checksOfFile } from '../config/datasets/checks-file.ts';
import { definitionIn, findPipeline } from '../config/find-pipeline.ts';
import { configPath, configReader } from '../config/read-config.ts';
import { findMatched } from '../config/table-patterns.ts';
import type { TributaryConfig } from '../config/tributary-config.ts';
import type { Pipeline } from '../pipeline/definition/pipeline.ts';

/** The dependencies of a worker process: those of its activities, and what it keeps up to date itself. */
export interface WorkerDependencies extends Dependencies {
  /** The share of the Data API's limits that its warehouses stay within; it follows the number of live workers. */
  readonly dataApiShare?: DataApiShare;
}

/**
 * The real clients at the environment's addresses (AWS by default), and the configuration file, which is reread at each
 * lookup so that a new pipeline needs no restart of the workers.
 * @throws Terminal `BadEnvironment`
 */
export function dependenciesFromEnvironment(
  environment: NodeJS.ProcessEnv,
  config?: string,
): WorkerDependencies {
  const addresses = addressesFromEnvironment(environment);
  const read = configReader();
  const dynamodb = dynamodbClient(addresses.dynamodb);
  const s3 = s3Client(addresses.s3);
  const dataApiShare = new DataApiShare(dataApiLimitsFromEnvironment(environment));
  const { slots } = dataApiShare;
  const redshiftData = redshiftDataClient(addresses.redshiftData, dataApiShare);
  const stepText = stepReader(() => dirname(configPath(config, environment)));
  const source = createDynamoDBTableSource({ client: dynamodb });
  return {
    source,
    changeStreams: lateChangeStreams(dynamodb, addresses.dynamodbStreams),
    tableExports: createDynamoDBTableExports({ client: dynamodb }),
    store: (bucket) => createS3ObjectStore({ client: s3, bucket }),
    bucketMaintenance: (bucket) => createS3BucketMaintenance({ client: s3, bucket }),
    warehouse: (target) => createRedshiftDataWarehouse({ client: redshiftData, target, slots }),
    queue: lateMessageQueues(addresses.sqs),
    nowMs: Date.now,
    unforeseen: new UnforeseenErrors(),
    readRates: new ReadRates(),
    hashKey: hashKeyFromEnvironment(environment),
    dataApiShare,
    pipelineOf: (pipeline) => fromConfig((found) => pipelineIn(found, pipeline)),
    definitionOf: (pipeline, destination) =>
      fromConfig(async (found) => definitionIn(pipeline, await pipelineIn(found, pipeline), destination)),
    loaders: () => fromConfig(({ loaders }) => loaders),
    datasets: () => fromConfig(({ datasets }) => datasets),
    derivedDatasets: () => fromConfig(({ derivedDatasets }) => derivedDatasets),
    fetchedDatasets: () => fromConfig(({ fetchedDatasets }) => fetchedDatasets),
    environmentVariable: (name) => environment[name] || undefined,
    publications: () => fromConfig(({ publications }) => publications),
    stepText,
    checksFile: async (path) => {
      const text = await stepText(path);
      try {
        return checksOfFile(text, path);
      } catch (error) {
        if (error instanceof ConfigError) throw new Terminal('StepInvalid', error.message, { cause: error });
        throw error;
      }
    },
    recordModules: new RecordModules(() => dirname(configPath(config, environment))),
    tableEngine: createDuckDbTableEngine(),
    catalogue: lateCatalogues(addresses.glue),
    alerts: {
      definition: () => fromConfig(({ alerts }) => alerts),
      lineage: () => fromConfig(({ lineage }) => lineage),
      region: addresses.dynamodb.region,
      secret: (variable) => environment[variable] || undefined,
      http: createFetchPost(),
      mailer: createNodemailerMailer(),
      topic: (arn) => lateTopic(arn, addresses.sns),
    },
  };

  async function pipelineIn(found: TributaryConfig, name: string): Promise<Pipeline> {
    const isMatched = !Object.hasOwn(found.pipelines, name) && Object.keys(found.patterns).length > 0;
    return isMatched ? findMatched(found, await listTables(dynamodb), name) : findPipeline(found, name);
  }

  async function fromConfig<T>(find: (found: TributaryConfig) => T | Promise<T>): Promise<T> {
    try {
      return await find(await read(configPath(config, environment)));
    } catch (error) {
      if (error instanceof ConfigError) throw new Terminal(error.code, error.message, { cause: error });
      throw error;
    }
  }
}
