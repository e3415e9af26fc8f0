/** The location of a run's directory. */
export interface RunRef {
  readonly pipeline: string;
  readonly run: string;
  readonly bucket: string;
  readonly prefix: string;
  /** The destination that it is for. Absent for `warehouse`. */
  readonly destination?: string | undefined;
}

/** The workflow that created a run. A reset does not change it, but each start is another owner. */
export interface Owner {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}
