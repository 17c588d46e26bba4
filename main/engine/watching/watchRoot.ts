/** What tells of changes below a root, whichever way the system does it. */

/** A hint only: what really is there, a scan finds out. Directories from the root, `/` between names. */
export type Hint =
  /** Something is new about a name. `entry`: it came, went or was replaced, else its content is. */
  | { kind: 'touched'; directory: string; name: string; entry: boolean }
  /** Changes were missed; from now on they are told again. `reason`: why, in words. */
  | { kind: 'lost'; reason: string }
  /** From now on changes may be missed. */
  | { kind: 'blind'; reason: string }
  /** Nothing more is told: it must be started again. */
  | { kind: 'ended'; reason: string }

export interface RootWatch {
  /** Tells of changes in this directory from now on, where that must be asked for each. */
  enter(directory: string): void
  close(): void
}

/** Rejects where a root cannot be watched. */
export type WatchRoot = (root: string, tell: (hint: Hint) => void) => Promise<RootWatch>
