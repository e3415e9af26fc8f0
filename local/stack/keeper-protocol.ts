/** What the stack asks of its keeper, and what the keeper reports, over Node's channel between the two. */

export interface ProcessToKeep {
  name: string;
  command: string;
  arguments: string[];
  /** The whole environment: nothing of the caller's own leaks into a server. */
  environment: Record<string, string>;
  directory: string;
  /** Output is appended here. */
  logFile: string;
  /** Processes of a lower step end before those of a higher one are asked to. */
  stopStep: number;
  stopSignal: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
  /** After that the whole process group is killed. */
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

/** What the keeper is told when it starts, as JSON in its first argument. */
export interface KeeperOptions {
  /** Where `processes.json` lists what must be ended should the keeper itself be killed. */
  directory: string;
  /** Delete the stack's directory once everything has ended: for stacks of tests and demos. */
  deleteStack: boolean;
}
