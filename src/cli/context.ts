/** What a command may know of the process that it runs in. Only `process.ts` makes a real one; tests make their own. */
export interface CommandContext {
  readonly stdin: StandardInput;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the current folder. */
  readonly cwd: string;
  /** How the user would type this program's name: `consent-import`, or `node bin/consent-import.js`. */
  readonly program: string;
  readonly toolVersion: string;
  /** Of Node.js: `v20.19.0`. */
  readonly nodeVersion: string;
  /** Who runs it, and where; '' when the system does not tell. */
  readonly user: string;
  readonly host: string;
  /** Process id. */
  readonly pid: number;
  /**
   * Which permissions the user takes away from new files. The process itself takes away all of other users', so files
   * that are meant for them (a summary, say) are given theirs by this.
   */
  readonly umask: number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back. */
  monotonic(): number;
  /** Calls `handle` for every SIGINT and SIGTERM from now on. The answer takes it back. */
  onSignal(handle: (signal: Signal) => void): () => void;
  /** Calls `handle` for every SIGUSR1 from now on: somebody asks how far it is. The answer takes it back. */
  onStatusRequest(handle: () => void): () => void;
  /** Calls `run` every `ms` without keeping the process alive for it. The answer ends it. */
  every(ms: number, run: () => void): () => void;
}

export type Signal = 'SIGINT' | 'SIGTERM';

export interface StandardInput {
  readonly isTTY: boolean;
  /** The bytes. Touched only when they are wanted. */
  bytes(): NodeJS.ReadableStream;
  /** One line, without its end; undefined at the end of the input. */
  readLine(): Promise<string | undefined>;
}

/**
 * One of the two output streams. Writing never throws: once the reader is gone it does nothing, for a closed output must
 * not stop an import.
 */
export interface Output {
  readonly isTTY: boolean;
  /** Width in columns, as it is now; 80 when unknown. */
  columns(): number;
  /** @param as a line that GitHub Actions is to take for a command; it takes nothing else for one */
  write(text: string, as?: 'command'): void;
  /** Resolves when everything written has left, or can't leave any more. */
  flush(): Promise<void>;
}
