import type { PhotoId } from '../../contract/domain.ts'

/** `version`: `PhotoCard.thumbnail`, so that a changed thumbnail has another address. */
export const thumbnailUrl = (id: PhotoId, version: string): string =>
  `/media/thumbnail/${id}?v=${encodeURIComponent(version)}`

export const pictureUrl = (id: PhotoId): string => `/media/picture/${id}`
