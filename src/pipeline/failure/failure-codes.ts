/**
 * Every code that a failure can carry, in the order of the table in docs/operating.md, which is generated from here.
 * `Terminal`, `Transient` and `Refusal` accept only these codes. Operators alert on them: rename none after a release.
 */

export interface ExplainedCode {
  /**
   * Whether waiting may help. `transient`: retried without limit. `terminal`: never retried, an operator must act.
   * `transient at first`: retried for about a quarter of an hour, then terminal.
   */
  readonly class: 'transient' | 'terminal' | 'transient at first';
  /** Of `transient at first`: terminal after so many attempts instead, because the workflow that asked for it tries again. */
  readonly attempts?: number;
  /** What happened. Markdown, as is `help`. */
  readonly means: string;
  /** What an operator does; for a transient failure, what to check if it does not pass. */
  readonly help: string;
}

const NOTHING = 'usually nothing';

export const FAILURE_CODES = {
  // What the worker and the workflow were given.
  BadInput: {
    class: 'terminal',
    means: 'the workflow’s input is not valid; nothing was done',
    help: 'correct the key that the message names',
  },
  BadEnvironment: {
    class: 'terminal',
    means: 'an environment variable of the worker is not valid',
    help: 'correct the variable that the message names, then restart the worker',
  },
  ConfigNotFound: {
    class: 'terminal',
    means: 'the worker found no `tributary.yaml`',
    help: 'start it in the directory of that file, or set `TRIBUTARY_CONFIG`',
  },
  ConfigInvalid: {
    class: 'terminal',
    means: 'the configuration file has errors',
    help: 'correct the lines that the message names; `tributary config check`',
  },
  ConfigAwaited: {
    class: 'transient',
    means: 'a batch of a loader waits, because the worker’s configuration is invalid or lacks the loader',
    help: 'correct the configuration as the message says: the batch is tried again within a minute',
  },
  UnknownPipeline: {
    class: 'terminal',
    means: 'the worker’s configuration has no such pipeline',
    help: 'correct the name, or give every worker the same file',
  },
  UnknownDestination: {
    class: 'terminal',
    means: 'the pipeline has no such destination, or the destination is of a kind that has no runs',
    help: 'correct the name, or give every worker the same file',
  },
  WhichDestination: {
    class: 'terminal',
    means: 'the pipeline has several destinations, and the request names none',
    help: 'name one of those that the message lists: `--destination`, or `destination` in the input',
  },
  UnknownLoader: {
    class: 'terminal',
    means: 'the worker’s configuration has no such loader',
    help: 'correct the name, or give every worker the same file',
  },
  ModuleUnusable: {
    class: 'terminal',
    means: 'the record module of a dataset cannot be compiled or loaded, or does not fit the dataset',
    help: 'correct what the message names; `tributary dataset try` shows it without a run',
  },
  CodeChanged: {
    class: 'terminal',
    means: 'the worker’s record module is another one than that of the plan: a deployment is under way',
    help: 'usually nothing: the next run takes the files with the module that the workers have then',
  },
  RebuildRefused: {
    class: 'terminal',
    means: 'a rebuild would lose records or have them twice, so nothing was rebuilt',
    help: 'do what the message says: restore the files, or include the days that it names',
  },
  UnknownDataset: {
    class: 'terminal',
    means: 'the worker’s configuration has no such dataset',
    help: 'correct the name, or give every worker the same file',
  },
  // Identity and permissions.
  AccessDenied: {
    class: 'terminal',
    means: 'AWS denies an action to the worker’s identity',
    help: 'allow the action that the message names: [aws.md](aws.md)',
  },
  CredentialsMissing: {
    class: 'transient at first',
    means: 'the worker has no AWS credentials; those of a role may arrive late',
    help: 'give it credentials, then retry. The plan phase waits only a few seconds',
  },
  CredentialsExpired: {
    class: 'transient at first',
    means: 'the worker’s AWS session has expired',
    help: 'renew it, then retry. The plan phase waits only a few seconds',
  },
  CredentialsInvalid: {
    class: 'terminal',
    means: 'AWS does not accept the worker’s credentials',
    help: 'check the key, its secret and session token, the account and the region',
  },
  ClockWrong: {
    class: 'terminal',
    means: 'the worker’s clock differs too much from AWS’s',
    help: 'set the clock, then retry',
  },
  RegionMissing: {
    class: 'terminal',
    means: 'the worker has no AWS region',
    help: 'set `AWS_REGION`',
  },
  // Services and networks.
  NetworkFailed: {
    class: 'transient',
    means: 'a connection failed',
    help: 'usually nothing; if it persists, check the endpoint and the region',
  },
  DeliveryFailed: {
    class: 'transient',
    means:
      'a destination did not accept an alert or a lineage event; the run is not affected. Tried for three days',
    help: 'the message names the destination and its answer; `tributary alerts test`',
  },
  TlsRefused: {
    class: 'terminal',
    means: 'the worker could not make a trusted TLS connection',
    help: 'check the address (`https` or `http`), and `NODE_EXTRA_CA_CERTS` behind a proxy',
  },
  TimedOut: { class: 'transient', means: 'a service did not answer in time', help: NOTHING },
  Throttled: {
    class: 'transient',
    means: 'a service throttles requests',
    help: 'usually nothing; `readUnitsPerSecond` limits the scan',
  },
  ServiceFailed: { class: 'transient', means: 'a service reported an internal error', help: NOTHING },
  Refused: {
    class: 'terminal',
    means: 'a service refused a request, and would refuse it again',
    help: 'see the service’s own error in the message',
  },
  DamagedAnswer: { class: 'transient', means: 'an answer could not be read', help: NOTHING },
  // The source.
  TableNotFound: {
    class: 'terminal',
    means: 'DynamoDB has no such table',
    help: 'check the table’s name, `AWS_REGION` and the account',
  },
  TableNotReady: {
    class: 'transient',
    means: 'the table is still being created, or its stream enabled',
    help: NOTHING,
  },
  TableNotReadable: {
    class: 'terminal',
    means: 'the table is being deleted or archived, or its key is not accessible',
    help: 'see its status in DynamoDB',
  },
  TableRecreated: {
    class: 'terminal',
    means: 'the table was deleted and recreated or restored under its name during the run',
    help: 'cancel the run, then start a new one',
  },
  StreamDisabled: {
    class: 'terminal',
    means: 'the table has no stream, so its changes cannot be followed',
    help: 'enable a stream with the view type `NEW_IMAGE` or `NEW_AND_OLD_IMAGES`, then start again',
  },
  StreamViewUnfit: {
    class: 'terminal',
    means: 'the table’s stream has a view type without new images, which cannot be applied',
    help: 'disable it, enable one with `NEW_IMAGE` or `NEW_AND_OLD_IMAGES`, then start again',
  },
  ChangesTrimmed: {
    class: 'terminal',
    means:
      'a stream no longer keeps all changes since the last ones that were read: it keeps them for 24 hours',
    help: 'refresh the pipeline; keep its workers running',
  },
  LogDeleted: {
    class: 'terminal',
    means: 'the change log no longer has changes that a destination needs: they were deleted',
    help: 'refresh the destination, then `retryApply`',
  },
  DamagedPage: { class: 'transient', means: 'a page of a scan arrived damaged', help: NOTHING },
  ExportNotFound: {
    class: 'terminal',
    means:
      'there is no complete full export of the table where `source` says, or DynamoDB no longer lists it',
    help: 'request an export, or correct `source.bucket`, `source.prefix` and `source.export`',
  },
  ExportIncomplete: {
    class: 'terminal',
    means: 'an export lacks the file that the message names; its manifests are the last that DynamoDB writes',
    help: 'wait until the export is `COMPLETED`, restore the file, or use another export',
  },
  ExportDamaged: {
    class: 'terminal',
    means: 'a file of an export is not what its manifest or checksum says',
    help: 'restore the file that the message names, or use another export; then start a new run, or retry the shard',
  },
  ExportNotReadable: {
    class: 'terminal',
    means: 'the export is incremental, of another table, or in a format that is not read',
    help: 'request a full export of the table in `DYNAMODB_JSON`',
  },
  ChangesAwaited: {
    class: 'transient',
    means:
      'a run is to begin its scan, but the newest changes were recorded while the pipeline’s own mapping left out, hid or filtered otherwise than now',
    help: 'usually nothing: readers take a changed mapping within a minute. Give all workers the same configuration',
  },
  ExportTooOld: {
    class: 'terminal',
    means:
      'the change log lacks changes since the time of the export that a run reads, or recorded them by other settings of the mapping than now',
    help: 'use a later export, or set `source.request: true`',
  },
  ExportAwaited: {
    class: 'transient',
    means: 'the export that was asked for is still in progress',
    help: 'usually nothing; DynamoDB’s console shows the export',
  },
  ExportFailed: {
    class: 'terminal',
    means: 'DynamoDB could not make the export that a run, or a window of changes, asked for',
    help: 'fix what the message says, such as the permission to write to the bucket, then start a new run, or retry the shard',
  },
  RecoveryDisabled: {
    class: 'terminal',
    means: 'an export was asked for, but point-in-time recovery is disabled for the table',
    help: 'enable point-in-time recovery',
  },
  PageUnreadable: {
    class: 'terminal',
    means: 'the same page of a scan arrived damaged many times in a row',
    help: 'check what is between the worker and DynamoDB, such as a proxy, then retry the segment',
  },
  QueueNotFound: {
    class: 'terminal',
    means: 'SQS has no such queue',
    help: 'create it, or correct the region, account or name in its URL',
  },
  // The run and its directory.
  BucketNotFound: {
    class: 'terminal',
    means: 'S3 has no such bucket',
    help: 'create it, or correct `staging.bucket`',
  },
  WrongRegion: {
    class: 'terminal',
    means: 'the bucket is in another region',
    help: 'set `AWS_REGION` to that region; COPY also needs the bucket in the warehouse’s region',
  },
  WriteConflict: {
    class: 'transient',
    means: 'another write to the same key was in progress',
    help: NOTHING,
  },
  DamagedObject: { class: 'transient', means: 'an object’s bytes changed in transit', help: NOTHING },
  ObjectArchived: {
    class: 'terminal',
    means: 'a lifecycle rule archived a file of the run',
    help: 'restore the object, and exempt the run directories from that rule',
  },
  FileMissing: {
    class: 'terminal',
    means: 'a file of the run was removed',
    help: 'restore it, or start a new run: a retry cannot bring it back',
  },
  DamagedFile: {
    class: 'terminal',
    means: 'a file of the run directory is truncated, or Tributary did not write it; the message names it',
    help: 'restore it, or start a new run',
  },
  CheckpointMissing: {
    class: 'terminal',
    means: 'a checkpoint in the middle of a segment was removed',
    help: 'start a new run',
  },
  CheckpointsDisjoint: {
    class: 'terminal',
    means:
      'one writer’s checkpoint replaced another’s: the store does not honour `If-None-Match`, or objects were copied',
    help: 'start a new run on a store that does (`tributary doctor`)',
  },
  RunNotFound: {
    class: 'terminal',
    means: 'there is no such run',
    help: 'check its name; it may have been pruned',
  },
  RunExists: {
    class: 'terminal',
    means: 'the run’s name is taken',
    help: 'add `--from` to continue that run, or omit `--run`',
  },
  SegmentsFixed: {
    class: 'terminal',
    means: 'the run was planned with another number of segments',
    help: 'omit `--segments`',
  },
  SegmentOutOfRange: {
    class: 'terminal',
    means: 'the run has no such segment',
    help: 'choose one of the segments that the message lists',
  },
  SegmentsNotExtracted: {
    class: 'terminal',
    means: 'some segments are not fully extracted',
    help: '`--from extract`',
  },
  WorkerStopping: {
    class: 'transient',
    means: 'a worker is shutting down; another worker continues from the checkpoint',
    help: NOTHING,
  },
  ThreadLost: {
    class: 'transient',
    means:
      'a segment’s extraction thread ran out of memory, froze or ended; the segment continues in a new one. Counts as a lost worker',
    help: 'if it repeats, more heap per thread (`TRIBUTARY_EXTRACT_HEAP_MB`) or fewer segments at once (`TRIBUTARY_EXTRACT_SLOTS`)',
  },
  WorkerLost: {
    class: 'terminal',
    means:
      'five workers or extraction threads in a row died or froze at the same place, without progress in between; the message says where',
    help: 'find out why in the worker’s log (exit code 137: killed, mostly for using too much memory), then retry',
  },
  RunNotSealed: {
    class: 'terminal',
    means: 'the run has no manifest yet',
    help: '`--from extract`, which keeps what is extracted; or `--from seal` if all segments are extracted',
  },
  CountsDiffer: {
    class: 'terminal',
    means: 'the counts of items, rows and files do not add up',
    help: 'start a new run; if it happens again, keep the run directory and report it',
  },
  NothingSetAside: { class: 'terminal', means: 'the run has no rejects to replay', help: 'nothing' },
  EarlierRunGone: {
    class: 'terminal',
    means: 'files of the run that a replay refers to were removed',
    help: 'start a new run',
  },
  KeyHidden: {
    class: 'terminal',
    means: 'the mapping hashes or masks an attribute of the primary key, or one that routes items',
    help: 'remove that setting; redactValues keeps keys out of messages and reports',
  },
  HashKeyMissing: {
    class: 'terminal',
    means: 'the mapping has `hash`, but the worker has no key for it',
    help: 'set TRIBUTARY_HASH_KEY for all workers, restart them, and start again',
  },
  HashKeyDiffers: {
    class: 'terminal',
    means:
      'the worker has another TRIBUTARY_HASH_KEY than the one that planned the run, or than the one with which a schema or the change log was hashed',
    help: 'give all workers the same key and restart them, then retry; for another key, start a new run. Changes wait in the log meanwhile',
  },
  ValuesDiffer: {
    class: 'terminal',
    means: 'a replay would write values in another form than the run that it replays',
    help: 'start a new run, or undo the change of the mapping that the message names',
  },
  // Inferences.
  InferenceExists: {
    class: 'terminal',
    means: 'the inference’s name is taken',
    help: 'omit the name, or choose another one',
  },
  InferenceNotFound: { class: 'terminal', means: 'there is no such inference', help: 'check its name' },
  SegmentsNotScanned: {
    class: 'terminal',
    means: 'some segments of the inference are not fully read',
    help: '`tributary retry <inference>`',
  },
  // The schema.
  SchemaDrifted: {
    class: 'terminal',
    means: '`onDrift` is `stop` for what is new, wider, of another type or gone',
    help: 'accept or refuse it: [Drift](#drift)',
  },
  SchemaEpochEnded: {
    class: 'terminal',
    means:
      'after the run was planned, an operator reset the agreed schema, or forgot or renamed something in it',
    help: 'start a new run: [Undo](schema.md#undo)',
  },
  KeyChanged: {
    class: 'terminal',
    means: 'the table’s primary key is not the one in the agreed schema',
    help: 'give the new table a pipeline of its own, or `tributary schema reset`',
  },
  TypeTooNarrow: {
    class: 'terminal',
    means: 'a type in `mapping` cannot hold every value',
    help: 'choose a wider type, which the message names, or omit the type; at the seal, continue with `--from seal`',
  },
  NameTaken: {
    class: 'terminal',
    means: '`mapping` assigns a name that another table or column already has; the plan refuses it',
    help: 'choose another name, or give the other one a new name in `mapping` as well',
  },
  TooManyTables: {
    class: 'terminal',
    means: 'the schema would have more tables than `mapping.maxTables`; none was created',
    help: 'set `asRows` for the map that is used as a dictionary, or raise `maxTables`',
  },
  TooManyColumns: {
    class: 'terminal',
    means: 'a table would have more columns than Redshift allows',
    help: 'find the map that is used as a dictionary, and set `asRows` or `asSuper` for it',
  },
  StatementTooLong: {
    class: 'terminal',
    means: 'a statement would exceed the Data API’s 100 KB',
    help: 'give the table fewer columns or shorter names',
  },
  // The warehouse.
  WarehouseNotFound: {
    class: 'terminal',
    means: 'Redshift has no such workgroup or cluster',
    help: 'check `warehouse`, `AWS_REGION` and the account',
  },
  WarehouseAway: {
    class: 'transient',
    means:
      'the warehouse did not answer the Data API, accepts no connections, or is read-only during a resize',
    help: NOTHING,
  },
  WarehousePaused: {
    class: 'transient at first',
    means: 'the cluster is paused',
    help: 'resume it, then retry',
  },
  WarehouseFull: {
    class: 'transient at first',
    means: 'the warehouse’s disk is full',
    help: 'drop backups and abandoned staging schemas (`tributary doctor` lists them) or add nodes, then retry',
  },
  WarehouseLimited: {
    class: 'terminal',
    means: 'the warehouse reached a usage limit, a schema’s quota, or its number of tables or schemas',
    help: 'raise the limit that the message names, then retry',
  },
  TooManyStatements: {
    class: 'transient',
    means: 'the Data API already has as many open statements as it allows',
    help: NOTHING,
  },
  StatementRefused: {
    class: 'terminal',
    means: 'the Data API rejected a request',
    help: 'check `warehouse`: workgroup, or cluster with a user or secret, and database',
  },
  StatementNotFound: {
    class: 'terminal',
    means: 'the Data API no longer knows a statement, or another identity submitted it',
    help: 'retry: the guards detect what the statement did',
  },
  StatementAborted: { class: 'transient', means: 'a statement was cancelled in Redshift', help: NOTHING },
  StatementFailed: {
    class: 'transient at first',
    means:
      'a statement failed; the message has Redshift’s error and the statement. Only errors that may pass (memory, S3, a cluster that restarts) are retried first',
    help: 'fix the cause, then retry',
  },
  GrantMissing: {
    class: 'terminal',
    means: 'the database user lacks a privilege; the message says what to grant',
    help: 'grant it, then retry',
  },
  StatementTimedOut: {
    class: 'terminal',
    means: 'a statement exceeded its time limit three times; the message names what blocked it',
    help: 'end what blocks it: [Stuck statements](#stuck-statements). A retry rereads the time limits in `tributary.yaml`',
  },
  StatementNotEnding: {
    class: 'terminal',
    means:
      'a statement was cancelled at its time limit but did not end within that time again (at most 15 minutes), so its outcome is unknown',
    help: 'wait until it ends, or end its session; then retry: the guards detect what it did',
  },
  NoResult: {
    class: 'terminal',
    means: 'Tributary requested a result from a statement that has none: a bug in Tributary',
    help: 'report it',
  },
  BatchSize: {
    class: 'terminal',
    means: 'a batch has no statements or too many: a bug in Tributary',
    help: 'report it',
  },
  // Staging and loading.
  CopyRefused: {
    class: 'terminal',
    means: 'COPY could not read the run directory. A small file tries this before the extraction',
    help: 'follow the message: the role, its permissions, the bucket’s key, or `warehouse.region`',
  },
  NotPrepared: {
    class: 'terminal',
    means: 'the run has no staging schema: it was not prepared, or the schema was replaced or dropped',
    help: '`--from prepare`',
  },
  StagingForeign: {
    class: 'terminal',
    means: 'another pipeline with the same live schema has a run of this name',
    help: 'give one of the pipelines a schema of its own, then `--from prepare`',
  },
  StagingCannotFollow: {
    class: 'terminal',
    means:
      'changes since the scan cannot be applied to the staging schema, for the reason in the message. Columns of other types are not such a reason: the run makes its tables again, five times at most',
    help: 'a new run; it sees these changes in its scan',
  },
  CannotReuse: {
    class: 'terminal',
    means:
      'the part files of an earlier run cannot be brought up to date by changes, for the reason in the message',
    help: 'a new run without `reuse`, which reads the table',
  },
  StagingDisagrees: {
    class: 'terminal',
    means: 'the ledger and the tables of the staging schema differ',
    help: '`--from prepare`, which loads a new staging schema',
  },
  UnknownTable: {
    class: 'terminal',
    means: 'the run has no such table',
    help: 'choose one of the tables that the message lists',
  },
  LoadFailed: {
    class: 'terminal',
    means:
      'rows do not fit the table, or a file does not: file, line, column, value, key and the reason are in the message, as far as they are known',
    help: 'fix the cause, then retry: files in the ledger are not loaded again',
  },
  LoadContended: {
    class: 'terminal',
    means: 'another workflow is loading the same table',
    help: 'wait until it has ended, then retry',
  },
  VerificationFailed: {
    class: 'terminal',
    means: 'the staging schema does not hold what was extracted',
    help: '`--from prepare`; if it differs again, start a new run',
  },
  CheckFailed: {
    class: 'terminal',
    means: 'a check of the pipeline found something in the loaded tables; the message says what',
    help: 'change the check or set `severity: warn`, then retry; if the data is wrong, fix the items and run the pipeline again: [Checks](checks.md)',
  },
  TooManyRejects: {
    class: 'terminal',
    means:
      'more items were set aside than `maxRejects` allows; they are in the run’s `rejects/`, with reasons',
    help: 'raise `maxRejects`, or follow the message: [Items set aside](#items-set-aside)',
  },
  NothingCopied: {
    class: 'terminal',
    means:
      'items were read, but `where` or `include` leaves nothing of them, so the new tables would be empty',
    help: 'correct the names and values that the message names, then start a new run; if nothing is meant, set `allowEmpty: true`',
  },
  // The replacement.
  ForeignSchema: {
    class: 'terminal',
    means: 'the live schema holds objects that Tributary did not create',
    help: 'give the pipeline a schema of its own, or move the objects elsewhere',
  },
  OtherPipeline: {
    class: 'terminal',
    means: 'the live schema belongs to another pipeline',
    help: 'give each pipeline a schema of its own',
  },
  ReplacementStopped: {
    class: 'terminal',
    means: 'the live schema holds, or its tables are used by, something that the swap would lose',
    help: 'the message lists what to do with each',
  },
  OlderThanLive: {
    class: 'terminal',
    means: 'the live tables were extracted later than this run',
    help: 'start a new run, or add `--older`',
  },
  LiveContended: {
    class: 'terminal',
    means: 'another run is replacing the same schema',
    help: 'wait until it has ended, then `--from replace`',
  },
  CleanUpFailed: {
    class: 'terminal',
    means: 'live was replaced and holds the new data; cleaning up after the swap failed',
    help: 'fix the cause, then `--from replace`, which only cleans up',
  },
  NoBackup: {
    class: 'terminal',
    means: 'a rollback found no backup to restore',
    help: 'name one of the runs in the message, or load an earlier run: `--from prepare --older`',
  },
  LiveChanged: {
    class: 'terminal',
    means: 'the live tables were replaced after the rollback was requested',
    help: 'start the rollback again if it is still wanted',
  },
  // Loaders.
  UnknownBatch: {
    class: 'terminal',
    means: 'the loader has no batch with this number',
    help: 'check the number among the loader’s batches',
  },
  BatchClosed: {
    class: 'terminal',
    means: 'the batch is loaded, skipped, split or superseded already',
    help: 'nothing; to load its files again, ask for them explicitly',
  },
  TargetMissing: {
    class: 'terminal',
    means: 'the table that the files are loaded into does not exist',
    help: 'create it, or set `create: true` in the loader’s target',
  },
  TargetUnfit: {
    class: 'terminal',
    means:
      'rows cannot be merged into the table as its loader says, or the table of a dataset has a column of another type; nothing was loaded',
    help: 'change the table, the loader’s `merge` or the dataset, as the message says',
  },
  TargetRecreated: {
    class: 'terminal',
    means:
      'the table was dropped and created again, or another one took its name; nothing was loaded into it',
    help: 'check the table; then accept it as the loader’s table, and retry',
  },
  TargetBusy: {
    class: 'transient',
    means: 'a column could not be added to the table within 30 seconds, because queries use it',
    help: 'usually nothing; otherwise end the query that the message names',
  },
  FilesDrifted: {
    class: 'terminal',
    means:
      'files have columns that the table does not have, and `onDrift` is `stop`; or they lack a column of the key',
    help: 'add the columns, or change `onDrift`; then retry the batch',
  },
  FilesChanged: {
    class: 'terminal',
    means: 'files of a replacement were overwritten or deleted before they were read; nothing was replaced',
    help: 'skip the batch, and ask for the load again',
  },
  FileUnreadable: {
    class: 'terminal',
    means: 'a file is not what its loader’s `format` says',
    help: 'correct `format`, or write the file again and skip the batch',
  },
  BadLoad: {
    class: 'terminal',
    means:
      'what a bulk load asks for is not possible as it was written: its address, its manifest or its condition',
    help: 'correct it and load again; nothing was changed',
  },
  LoadNameTaken: {
    class: 'terminal',
    means: 'another bulk load of the loader has this name and asked for something else',
    help: 'give the load another name',
  },
  EarlierFilesWait: {
    class: 'terminal',
    means: 'files that came before a replacement are not loaded, and would bring old rows back later',
    help: 'retry or skip the parked batches, or say what is to become of them: `--after` or `--before`',
  },
  RowsDiffer: {
    class: 'terminal',
    means: 'after a batch, the table would not have held exactly its rows; nothing was loaded',
    help: 'retry the batch; if it happens again, keep its directory and report it',
  },
  // Changes.
  CannotRewind: {
    class: 'terminal',
    means:
      'changes cannot be applied again from that time: the log does not have all of them, or not as the tables need them',
    help: 'choose a later time, or refresh the destination',
  },
  ApplyContended: {
    class: 'terminal',
    means: 'another process changed the positions of a destination each time that changes were to be applied',
    help: 'find out whether two destinations have this schema, then `retryApply`',
  },
  // Datasets.
  EngineNotInstalled: {
    class: 'terminal',
    means: 'datasets need DuckDB, and the package `@duckdb/node-api` is not installed for this platform',
    help: 'install it as the message says, then restart the worker',
  },
  EngineOutOfMemory: {
    class: 'terminal',
    means: 'DuckDB needed more memory than a step may take, and could not continue on disk',
    help: 'give steps more memory, then retry; a smaller batch also needs less',
  },
  EngineOutOfSpace: {
    class: 'transient at first',
    means: 'the disk for temporary files is full, or a step wrote as much to it as it may',
    help: 'free space on the worker’s disk, or give it more, then retry',
  },
  EngineLost: {
    class: 'transient at first',
    means:
      'the process in which DuckDB ran a step ended without an answer: it crashed, or the system killed it',
    help: 'if the system killed it, give the worker more memory or the steps less; then retry',
  },
  EngineFailed: {
    class: 'terminal',
    means: 'DuckDB failed a step; the message has its error',
    help: 'retry once: a damaged local file is fetched again. If the error stays, report it',
  },
  DatasetColumnsInvalid: {
    class: 'terminal',
    means: 'the columns of a dataset, or those to sort or compare rows by, are not possible',
    help: 'correct the columns that the message names',
  },
  DatasetTypesDiffer: {
    class: 'terminal',
    means:
      'a column has another type in files that are there, or in rows that wait, than the dataset declares',
    help: 'restore the column’s type in the record module, and restart the workers: the next run reads again what waits; to change it, rebuild all days',
  },
  CatalogueForeign: {
    class: 'terminal',
    means:
      'the dataset’s table in the catalogue, or one of its partitions, was not created by Tributary, or belongs to another dataset',
    help: 'take the table over ([steps](coming-from-a-glue-job.md)), or set another one in `store.catalogue`',
  },
  CatalogueProjected: {
    class: 'terminal',
    means:
      'the dataset’s table in the catalogue has partition projection: engines ignore the partitions that it has',
    help: 'take the table over ([steps](coming-from-a-glue-job.md)), or set another one in `store.catalogue`',
  },
  CatalogueTypesDiffer: {
    class: 'terminal',
    means:
      'a column, or the partition columns, have other types than in the catalogue’s table, or than in the files of some partitions',
    help: 'restore the types; to change them, set another table in `store.catalogue` and rebuild all days',
  },
  QueryInvalid: {
    class: 'terminal',
    means: 'the SQL of a query over datasets is not one valid SELECT over the tables it was given',
    help: 'correct the query as the message says',
  },
  StepInvalid: {
    class: 'terminal',
    means:
      'the SQL of a derived dataset cannot be a step: it is not one SELECT over its inputs, its result depends on more than their rows, or does not have the declared columns',
    help: 'correct the SQL as the message says; `tributary dataset plan` checks it again',
  },
  StepFailed: {
    class: 'terminal',
    means:
      'DuckDB or Redshift refused a step’s SQL, or a value did not fit its column; the partition stays as it was',
    help: 'correct the SQL or the input that the message names; the next run builds the partition',
  },
  FetchUnavailable: {
    class: 'transient at first',
    attempts: 5,
    means: 'what a fetched dataset asks for did not answer in time, or answered that it cannot now',
    help: 'if it stays, see whether the service is there, and how often it may be asked',
  },
  FetchRefused: {
    class: 'terminal',
    means: 'what a fetched dataset asks for refused the request',
    help: 'correct the request, or the secret that it needs; the next run fetches the partition',
  },
  TooManyFiles: {
    class: 'terminal',
    means: 'a partition would have more text files than `store.maxFiles`; readers see the earlier one',
    help: 'set a greater `maxFiles`, or a `filePer` with fewer values; the next run builds the partition',
  },
  PartitionChecksFailed: {
    class: 'terminal',
    means: 'a partition that was built does not meet the checks of its dataset; readers see the earlier one',
    help: 'correct the input or the step, or the check; the next run builds the partition',
  },
  InputMissing: {
    class: 'terminal',
    means:
      'a partition that a derived one reads is expected, but not published; or a table that it reads does not exist, or has no version',
    help: 'build or load the input first: `tributary dataset plan` says what it lacks',
  },
} as const satisfies Readonly<Record<string, ExplainedCode>>;

type Codes = typeof FAILURE_CODES;
export type FailureCode = keyof Codes;

type CodeOf<Class extends ExplainedCode['class']> = {
  [Code in FailureCode]: Codes[Code]['class'] extends Class ? Code : never;
}[FailureCode];

/** Codes of failures that need an operator. */
export type TerminalCode = CodeOf<'terminal' | 'transient at first'>;
/** Codes of failures that are retried. */
export type TransientCode = CodeOf<'transient' | 'transient at first'>;

/** True if a failure with this code is to be retried, at least at first. */
export function isTransientCode(code: FailureCode): code is TransientCode {
  return FAILURE_CODES[code].class !== 'terminal';
}
