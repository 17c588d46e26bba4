import type { Database } from 'better-sqlite3'
import type { FolderId, Settings } from '../../../contract/domain.ts'
import { statement } from './statement.ts'

/** What the library remembers between starts. */
export type SettingKey =
  /** '1': a person paused the jobs. */
  | 'paused'
  /** Path of the ONNX file that a person chose last. */
  | 'modelFile'
  /** sha256 of the model whose predictions count as tags: of that file, or of its int8 variant. */
  | 'modelSha256'
  /** sha256 of the model in use, where it is no ResNet and a person allowed that. */
  | 'otherArchitecture'
  /** Execution provider that ran it last. */
  | 'provider'
  /** '1': the int8 variant of a model may take its place where that is faster. */
  | 'allowInt8'
  /** Which directory on which device a root was when it was last there. */
  | `root:${FolderId}`
  /** Directories below a root at which drives were mounted, in JSON. */
  | `mounts:${FolderId}`
  /** When some directories of a root were made, in JSON. */
  | `births:${FolderId}`
  /** '1': looks in the background, with one core. */
  | 'background'
  /** Which cache was closed in order with the library; none while an engine has it open. */
  | 'cache'
  /** In a backup: what it holds, in JSON. */
  | 'backup'

export function readSetting(db: Database, key: SettingKey): string | null {
  const row = statement(db, 'SELECT value FROM setting WHERE key = ?').get(key)
  return (row as { value: string } | undefined)?.value ?? null
}

export function writeSetting(db: Database, key: SettingKey, value: string | null): void {
  if (value === null) statement(db, 'DELETE FROM setting WHERE key = ?').run(key)
  else statement(db, 'INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)').run(key, value)
}

/** Those that a person changes in the settings. */
export const readSettings = (db: Database): Settings => ({
  allowInt8: readSetting(db, 'allowInt8') === '1',
  background: readSetting(db, 'background') === '1',
})

export function writeSettings(
  db: Database,
  changes: { [Key in keyof Settings]?: Settings[Key] | undefined },
): Settings {
  db.transaction(() => {
    for (const key of ['allowInt8', 'background'] as const) {
      if (changes[key] !== undefined) writeSetting(db, key, changes[key] ? '1' : null)
    }
  }).immediate()
  return readSettings(db)
}
