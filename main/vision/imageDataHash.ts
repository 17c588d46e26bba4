/** An identity of a picture that outlives changes to its metadata. */
import { createHash } from 'node:crypto'
import { gifImageData } from './containers/gif.ts'
import type { ImagePart } from './containers/imagePart.ts'
import { heifImageData } from './containers/isoMedia.ts'
import { jpegImageData } from './containers/jpeg.ts'
import { pngImageData } from './containers/png.ts'
import { rawImageData } from './containers/raw.ts'
import { tiffImageData } from './containers/tiff.ts'
import { webpImageData } from './containers/webp.ts'
import type { PhotoFormat } from './formats.ts'

const imageData: Record<PhotoFormat, (file: Buffer) => ImagePart[] | null> = {
  jpeg: jpegImageData,
  png: pngImageData,
  webp: webpImageData,
  gif: gifImageData,
  tiff: tiffImageData,
  avif: heifImageData,
  heic: heifImageData,
  raw: rawImageData,
}

/**
 * sha256 of what the pixels come from: the same when a program changes keywords, captions, the place
 * or the orientation, and another when it changes a pixel. Colour profiles count as metadata.
 * `null` where damage, or a format that hides its pixels, makes it impossible to tell.
 */
export function imageDataHash(file: Buffer, format: PhotoFormat): Uint8Array | null {
  const parts = partsOf(file, format)
  if (!parts) return null
  const hash = createHash('sha256').update(`${format}\0`)
  for (const { name, data } of parts) {
    hash.update(`${name}\0${bytesOf(data)}\0`)
    for (const bytes of data) hash.update(bytes)
  }
  return hash.digest()
}

function partsOf(file: Buffer, format: PhotoFormat): ImagePart[] | null {
  try {
    const parts = imageData[format](file)
    const total = parts?.reduce((sum, { data }) => sum + bytesOf(data), 0) ?? 0
    // Parts that lie on top of each other, more than shared headers do, would be hashed without end.
    return total > 0 && total <= 2 * file.length ? parts : null
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const bytesOf = (data: readonly Uint8Array[]) => data.reduce((sum, bytes) => sum + bytes.length, 0)
