/** Where a run's directory is. */
export interface RunRef {
  readonly pipeline: string;
  readonly run: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** The workflow that made a run: unchanged by a reset, new for each start. */
export interface Owner {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}
