import type { Database } from 'better-sqlite3'
import { statement } from './statement.ts'

/** What the library remembers between starts. */
export type SettingKey =
  /** '1': a person paused the jobs. */
  | 'paused'
  /** Path of the ONNX file used last. */
  | 'modelFile'
  /** sha256 of the model whose predictions count as tags. */
  | 'modelSha256'
  /** sha256 of the model in use, where it is no ResNet and a person allowed that. */
  | 'otherArchitecture'
  /** Execution provider that ran it last. */
  | 'provider'

export function readSetting(db: Database, key: SettingKey): string | null {
  const row = statement(db, 'SELECT value FROM setting WHERE key = ?').get(key)
  return (row as { value: string } | undefined)?.value ?? null
}

export function writeSetting(db: Database, key: SettingKey, value: string | null): void {
  if (value === null) statement(db, 'DELETE FROM setting WHERE key = ?').run(key)
  else statement(db, 'INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)').run(key, value)
}
