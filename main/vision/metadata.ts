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
    const { Latitude, Longitude, Altitude } = tags.gps ?? {}
    return captureMetadata({
      times: [exif.DateTimeOriginal, exif.DateTimeDigitized, exif.DateTime].map(text),
      make: text(exif.Make),
      model: text(exif.Model),
      lens: text(exif.LensModel) ?? text(exif.Lens),
      exposureTime: number(exif.ExposureTime),
      fNumber: number(exif.FNumber),
      iso: firstNumber(exif.ISOSpeedRatings ?? exif.PhotographicSensitivity),
      focalLength: number(exif.FocalLength),
      latitude: Latitude ?? null,
      longitude: Longitude ?? null,
      altitude: Altitude ?? null,
    })
  } catch {
    return noMetadata
  }
}

/** What a file tells, before it is known what of it can be believed. */
export interface ToldMetadata {
  /** In Exif's form, best first. */
  times: (string | null)[]
  make: string | null
  model: string | null
  lens: string | null
  /** Seconds. */
  exposureTime: number | null
  fNumber: number | null
  iso: number | null
  /** Millimetres. */
  focalLength: number | null
  /** Degrees, negative in the south and in the west. */
  latitude: number | null
  longitude: number | null
  /** Metres above the sea. */
  altitude: number | null
}

/** What can be believed of it. */
export function captureMetadata(told: ToldMetadata): CaptureMetadata {
  const iso = positive(told.iso)
  return {
    takenAt: told.times.map(localTime).find((time) => time !== null) ?? null,
    camera: cameraName(trimmed(told.make), trimmed(told.model)),
    lens: trimmed(told.lens),
    exposureTime: positive(told.exposureTime),
    fNumber: positive(told.fNumber),
    iso: iso === null ? null : Math.round(iso),
    focalLength: positive(told.focalLength),
    place: placeOf(told),
  }
}

type RawTag = { value?: unknown; description?: unknown } | undefined

function text(tag: RawTag): string | null {
  const value = Array.isArray(tag?.value) ? tag.value.join('') : tag?.value
  return typeof value === 'string' ? trimmed(value) : null
}

/** Cameras pad with NUL and spaces. */
const trimmed = (value: string | null) => value?.split('\0')[0]?.trim() || null

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

const firstNumber = (tag: RawTag) =>
  number(Array.isArray(tag?.value) ? { value: tag.value[0] as unknown } : tag)

const positive = (value: number | null) => (value !== null && value > 0 ? value : null)

/** Exif's `YYYY:MM:DD HH:MM:SS` as ISO local time; clocks that were never set read as `null`. */
function localTime(told: string | null): string | null {
  const match = told?.match(/^(\d{4})[:-](\d{2})[:-](\d{2})[ T](\d{2}):(\d{2}):(\d{2})/)
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

function placeOf({ latitude, longitude, altitude }: ToldMetadata): Place | null {
  if (latitude === null || longitude === null) return null
  const valid = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  // Receivers without a fix write 0, 0: a spot in the Atlantic where nobody takes photos.
  if (!valid || (latitude === 0 && longitude === 0)) return null
  return { latitude, longitude, altitude: Number.isFinite(altitude) ? altitude : null }
}
