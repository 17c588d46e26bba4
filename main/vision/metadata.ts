import ExifReader from 'exifreader'
import type { CaptureMetadata, Place } from '../../contract/domain.ts'

export const noMetadata: CaptureMetadata = {
  takenAt: null,
  camera: null,
  lens: null,
  exposureTime: null,
  fNumber: null,
  iso: null,
  focalLength: null,
  place: null,
}

/** Tag names: Exif 3.0, CIPA DC-008. */
const EXIF_TAGS = [
  'DateTimeOriginal',
  'DateTimeDigitized',
  'DateTime',
  'Make',
  'Model',
  'LensModel',
  'Lens',
  'ExposureTime',
  'FNumber',
  'ISOSpeedRatings',
  'PhotographicSensitivity',
  'FocalLength',
]

/**
 * What the camera wrote into a file.
 * `bytes`: the whole file. Damaged or absent metadata reads as `null`, never as an error: a photo
 * whose pixels are fine is a photo.
 */
export function readMetadata(bytes: Buffer): CaptureMetadata {
  try {
    const tags = ExifReader.load(bytes, {
      expanded: true,
      includeTags: { exif: EXIF_TAGS, gps: true },
    })
    const exif = { ...tags.exif } as Record<string, RawTag>
    return {
      takenAt:
        localTime(exif.DateTimeOriginal) ??
        localTime(exif.DateTimeDigitized) ??
        localTime(exif.DateTime),
      camera: cameraName(text(exif.Make), text(exif.Model)),
      lens: text(exif.LensModel) ?? text(exif.Lens),
      exposureTime: positive(exif.ExposureTime),
      fNumber: positive(exif.FNumber),
      iso: wholeNumber(exif.ISOSpeedRatings ?? exif.PhotographicSensitivity),
      focalLength: positive(exif.FocalLength),
      place: placeOf(tags.gps),
    }
  } catch {
    return noMetadata
  }
}

type RawTag = { value?: unknown; description?: unknown } | undefined

function text(tag: RawTag): string | null {
  const value = Array.isArray(tag?.value) ? tag.value.join('') : tag?.value
  if (typeof value !== 'string') return null
  // Cameras pad with NUL and spaces.
  const trimmed = value.split('\0')[0]?.trim() ?? ''
  return trimmed === '' ? null : trimmed
}

/** A number or a rational [numerator, denominator]. */
function number(tag: RawTag): number | null {
  const value = tag?.value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (!Array.isArray(value)) return null
  const [first, second] = value as unknown[]
  if (Array.isArray(first)) return number({ value: first })
  if (typeof first !== 'number') return null
  const result = typeof second === 'number' ? first / second : first
  return Number.isFinite(result) ? result : null
}

function positive(tag: RawTag): number | null {
  const value = number(tag)
  return value !== null && value > 0 ? value : null
}

function wholeNumber(tag: RawTag): number | null {
  const value = Array.isArray(tag?.value) ? { value: tag.value[0] as unknown } : tag
  const result = positive(value)
  return result === null ? null : Math.round(result)
}

/** Exif's `YYYY:MM:DD HH:MM:SS` as ISO local time; clocks that were never set read as `null`. */
function localTime(tag: RawTag): string | null {
  const match = text(tag)?.match(/^(\d{4})[:-](\d{2})[:-](\d{2})[ T](\d{2}):(\d{2}):(\d{2})/)
  if (!match) return null
  const [, year, month, day, hour, minute, second] = match
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const time = Date.parse(`${iso}Z`)
  // Date.parse takes 31 February: the round trip does not.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(iso)) return null
  return Number(year) >= 1826 ? iso : null
}

/** "Canon" + "Canon EOS 40D" is "Canon EOS 40D"; "NIKON CORPORATION" + "NIKON D70" is "NIKON D70". */
function cameraName(make: string | null, model: string | null): string | null {
  if (!make || !model) return model ?? make
  const brand = make.split(/\s+/)[0] ?? make
  return model.toLowerCase().startsWith(brand.toLowerCase()) ? model : `${make} ${model}`
}

function placeOf(
  gps: { Latitude?: number; Longitude?: number; Altitude?: number } | undefined,
): Place | null {
  const { Latitude: latitude, Longitude: longitude, Altitude: altitude } = gps ?? {}
  if (latitude === undefined || longitude === undefined) return null
  const valid = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  // Receivers without a fix write 0, 0: a spot in the Atlantic where nobody takes photos.
  if (!valid || (latitude === 0 && longitude === 0)) return null
  return { latitude, longitude, altitude: Number.isFinite(altitude) ? (altitude ?? null) : null }
}
