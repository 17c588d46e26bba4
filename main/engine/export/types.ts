import type { ExportKind, ExportProgress, PhotoId, Tag } from '../../../contract/domain.ts'

/** One photo as the library knows it. */
export interface ExportPhoto {
  id: PhotoId
  /** Absolute path of one of its files that is present. */
  path: string
  /** File name without its folder. */
  name: string
  /** Of the bytes, 64 hex digits; `null` while the photo was not read yet. */
  sha256: string | null
  size: number
  takenAt: string | null
  width: number | null
  height: number | null
  camera: string | null
  lens: string | null
  latitude: number | null
  longitude: number | null
  /** Best first. */
  tags: readonly Tag[]
  /** Names of the tags whose folders get a copy; none: the folder `untagged`. */
  folderTags: readonly string[]
}

export interface ExportRequest {
  /** Read once, in order; between photos the event loop turns, so page rather than hold a cursor. */
  photos: Iterable<ExportPhoto> | AsyncIterable<ExportPhoto>
  /** How many `photos` yields, for the progress. */
  total: number
  /** Absolute path of a folder, or of a file to make where it ends in `.zip`, `.csv`, `.jsonl`. */
  to: string
  as: ExportKind
  signal: AbortSignal
  onProgress: (progress: ExportProgress) => void
  /** Milliseconds since 1970. */
  clock: () => number
}
