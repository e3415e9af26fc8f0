import type { ProcessToKeep } from './keeper-protocol.ts';
import type { KeptProcess, KeptProcesses } from './kept-processes.ts';

/** What every server of a stack needs to start. */
export interface StackContext {
  kept: KeptProcesses;
  /** The stack's own directory: data and logs below it. */
  directory: string;
  /** Whether data outlives the stack. Without it servers keep in memory what they can. */
  persist: boolean;
  credentials: StackCredentials;
  log: (line: string) => void;
  /** Aborted when starting is given up. */
  signal?: AbortSignal | undefined;
}

/** Made once for a stack's directory. The servers listen on loopback, but others may use the same computer. */
export interface StackCredentials {
  s3AccessKeyId: string;
  s3SecretAccessKey: string;
  postgresPassword: string;
}

/** A part of the stack: one of our processes, or a service the user named. */
export interface RunningPart {
  name: string;
  /** URL or host:port. */
  address: string;
  process?: KeptProcess;
}

export type ServerProcess = Pick<ProcessToKeep, 'name' | 'command' | 'arguments'> & Partial<ProcessToKeep>;
