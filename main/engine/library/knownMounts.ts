import type { Database } from 'better-sqlite3'
import { z } from 'zod'
import type { FolderId } from '../../../contract/domain.ts'
import { readSetting, writeSetting } from '../db/settings.ts'

const stored = z.array(z.string())

/** Directories, from the root, at which drives were mounted when they were scanned. */
export const mountsBelow = (db: Database, folder: FolderId): string[] =>
  stored.parse(JSON.parse(readSetting(db, `mounts:${folder}`) ?? '[]'))

export function storeMounts(db: Database, folder: FolderId, mounts: readonly string[]): void {
  writeSetting(db, `mounts:${folder}`, mounts.length === 0 ? null : JSON.stringify(mounts))
}
