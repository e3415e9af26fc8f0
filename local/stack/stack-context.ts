import type { ProcessToKeep } from './keeper-protocol.ts';
import type { KeptProcess, KeptProcesses } from './kept-processes.ts';

/** What every server of a stack needs in order to start. */
export interface StackContext {
  kept: KeptProcesses;
  /** The stack's directory, with its data and logs. */
  directory: string;
  /** Whether data outlives the stack. If not, servers keep it in memory where they can. */
  persist: boolean;
  credentials: StackCredentials;
  log: (line: string) => void;
  /** Other parts already use its addresses, so a part starts on the ports it had before or not at all. */
  samePorts?: boolean;
  /** Aborted to cancel the start. */
  signal?: AbortSignal | undefined;
}

/** Generated once per stack directory. The servers listen on loopback, but the machine may have other users. */
export interface StackCredentials {
  s3AccessKeyId: string;
  s3SecretAccessKey: string;
  postgresPassword: string;
}

/** A part of the stack: one of its processes, or a service named by the user. */
export interface RunningPart {
  name: string;
  /** URL or host:port. */
  address: string;
  process?: KeptProcess;
  /** Its data ends with the process. */
  inMemory?: boolean;
}

export type ServerProcess = Pick<ProcessToKeep, 'name' | 'command' | 'arguments'> & Partial<ProcessToKeep>;
