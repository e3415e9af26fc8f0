/** Requests of the stack to its keeper, and the keeper's reports, over Node's IPC channel. */

export interface ProcessToKeep {
  name: string;
  command: string;
  arguments: string[];
  /** The complete environment: nothing leaks from the caller's environment into a server. */
  environment: Record<string, string>;
  directory: string;
  /** Output is appended here. */
  logFile: string;
  /** Processes of a lower step have ended before those of a higher step are stopped. */
  stopStep: number;
  stopSignal: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
  /** After this time the whole process group is killed. */
  stopGraceSeconds: number;
  account?: { uid: number; gid: number };
}

export type KeeperRequest =
  | { kind: 'start'; id: number; process: ProcessToKeep }
  | { kind: 'stop'; id: number }
  | { kind: 'end' };

export type KeeperReport =
  | { kind: 'started'; id: number; pid: number }
  | { kind: 'refused'; id: number; message: string }
  | { kind: 'exited'; id: number; code: number | null; signal: string | null };

/** The keeper's options, as JSON in its first argument. */
export interface KeeperOptions {
  /** Holds `processes.json`, which lists the processes to end if the keeper itself is killed. */
  directory: string;
  /** Delete the stack's directory after everything has ended: for stacks of tests and demos. */
  deleteStack: boolean;
}
