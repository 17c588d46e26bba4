/** Backups of the library. Times are ISO 8601; sizes are bytes. */

/**
 * `daily`: made by Albumen once a day, or by hand. `migration`: before a newer Albumen changed the
 * library. `replaced`: the library as it was before a backup was restored.
 */
export type BackupKind = 'daily' | 'migration' | 'replaced'

export interface Backup {
  path: string
  kind: BackupKind
  madeAt: string
  bytes: number
  /** How much it holds; `null` where it cannot be read. */
  contents: BackupContents | null
  /** Why it cannot be read, in a sentence. */
  problem: string | null
}

export interface BackupContents {
  photos: number
  /** Tags that persons gave or rejected. */
  decisions: number
  albums: number
  ratings: number
}

export interface BackupList {
  /** Where backups are made. */
  folder: string
  /** The folder is the usual one, inside the library's. */
  isUsual: boolean
  /** What the library holds now. */
  now: BackupContents
  /** Newest first: of that folder, and of the usual one. */
  backups: Backup[]
  /** One is being made. */
  running: boolean
  /** Why none could be made when it was tried last, in a sentence; `null` when all is well. */
  problem: string | null
}

export interface BackupProgress {
  phase: 'copying' | 'verifying'
  /** In [0, 1]; `null` where that is not known. */
  share: number | null
}

export interface RestoreReport {
  /** What the library is now: as it was then, with so much in it. */
  madeAt: string
  contents: BackupContents
  /** Where the library lies as it was before; `null` where there was none. */
  replaced: string | null
}
