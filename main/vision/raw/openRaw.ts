/** Raw files are seen through the picture that the camera put into them. */
import sharp from 'sharp'
import { z } from 'zod'
import type { CaptureMetadata } from '../../../contract/domain.ts'
import { withOrientation } from '../containers/jpeg.ts'
import { embeddedJpegs } from '../containers/tiff.ts'
import type { Size } from '../geometry.ts'
import { captureMetadata } from '../metadata.ts'
import { UnreadableError } from '../unreadable.ts'
import type { ExifTool } from './exifTool.ts'

/** Names of ExifTool's tags; which of them a file has is its maker's choice. */
const PREVIEWS = [
  'JpgFromRaw',
  'JpgFromRaw2',
  'PreviewImage',
  'OtherImage',
  'ThumbnailImage',
] as const

const TAGS = [
  ...PREVIEWS,
  'ImageSize',
  'Orientation#',
  'DateTimeOriginal',
  'CreateDate',
  'ModifyDate',
  'Make',
  'Model',
  'LensModel',
  'LensID',
  'Lens',
  'ExposureTime#',
  'FNumber#',
  'ISO#',
  'FocalLength#',
  'GPSLatitude#',
  'GPSLongitude#',
  'GPSAltitude#',
]

/** ExifTool's JSON has numbers where a text looks like one. */
const text = z
  .union([z.string(), z.number().transform(String)])
  .nullable()
  .catch(null)
const number = z.number().nullable().catch(null)

const tagsSchema = z.object({
  JpgFromRaw: text,
  JpgFromRaw2: text,
  PreviewImage: text,
  OtherImage: text,
  ThumbnailImage: text,
  ImageSize: text,
  Orientation: number,
  DateTimeOriginal: text,
  CreateDate: text,
  ModifyDate: text,
  Make: text,
  Model: text,
  LensModel: text,
  LensID: text,
  Lens: text,
  ExposureTime: number,
  FNumber: number,
  ISO: number,
  FocalLength: number,
  GPSLatitude: number,
  GPSLongitude: number,
  GPSAltitude: number,
})
type Tags = z.infer<typeof tagsSchema>

export interface RawPhoto extends Size {
  /** JPEG with the raw file's orientation; `width` and `height` are the raw file's, with it applied. */
  preview: Buffer
  metadata: CaptureMetadata
}

/** `file`: its bytes. Throws UnreadableError for a raw file without a picture for people, and what `exifTool` throws. */
export async function openRaw(exifTool: ExifTool, path: string, file: Buffer): Promise<RawPhoto> {
  const tags = tagsSchema.parse(await exifTool.tags(path, TAGS))
  const preview = await largestPreview(exifTool, path, file, tags)
  if (!preview) throw noPreview()
  const { width, height } = await sharp(preview).metadata()
  const orientation = tags.Orientation ?? 1
  const stored = largerOf(storedSize(tags), { width, height })
  const turned = isTurned(orientation) ? { width: stored.height, height: stored.width } : stored
  return {
    ...turned,
    preview: withOrientation(preview, missingTurn(orientation, stored, { width, height })),
    metadata: rawMetadata(tags),
  }
}

/** ExifTool tells of binary values: (Binary data 10518 bytes, use -b option to extract). */
const bytesOf = (value: string | null) =>
  Number(/^\(Binary data (\d+) bytes/.exec(value ?? '')?.[1])

/**
 * What lies in the file as a TIFF's part needs no question. ExifTool knows all makers' formats; but
 * it goes by the name too, so that it tells no previews of a DNG that is called .jpg.
 */
async function largestPreview(
  exifTool: ExifTool,
  path: string,
  file: Buffer,
  tags: Tags,
): Promise<Uint8Array | null> {
  const [embedded = null] = embeddedJpegs(file).sort((one, other) => other.length - one.length)
  const larger = PREVIEWS.map((name) => ({ name, bytes: bytesOf(tags[name]) }))
    .filter(({ bytes }) => bytes > (embedded?.length ?? 0))
    .sort((one, other) => other.bytes - one.bytes)
  for (const { name } of larger) {
    const preview = await exifTool.bytes(path, name)
    // Some makers' previews are of formats of their own.
    if (preview[0] === 0xff && preview[1] === 0xd8) return preview
  }
  return embedded
}

const noPreview = () =>
  new UnreadableError(
    'unsupported-format',
    'The raw file has no preview picture inside, and Albumen develops none itself.',
  )

/** ExifTool's ImageSize: of what the camera means to show, which is the sensor's less its margins. */
function storedSize({ ImageSize }: Tags): Size {
  const [width = 0, height = 0] = (ImageSize ?? '').split(/[x ]/).map(Number)
  return { width: width || 0, height: height || 0 }
}

const largerOf = (one: Size, other: Size) =>
  one.width * one.height >= other.width * other.height ? one : other

/** Exif's orientations from 5 on change width and height. */
const isTurned = (orientation: number) => orientation >= 5 && orientation <= 8
const isUpright = ({ width, height }: Size) => height > width

/** Previews lie like the sensor, except where the camera has turned them already: their shape tells. */
function missingTurn(orientation: number, stored: Size, preview: Size): number {
  const done = isTurned(orientation) && isUpright(preview) !== isUpright(stored)
  return done || orientation < 1 || orientation > 8 ? 1 : orientation
}

const rawMetadata = (tags: Tags): CaptureMetadata =>
  captureMetadata({
    times: [tags.DateTimeOriginal, tags.CreateDate, tags.ModifyDate],
    make: tags.Make,
    model: tags.Model,
    // ExifTool works some names out itself; those that it cannot begin with Unknown.
    lens: tags.LensModel ?? (tags.LensID?.startsWith('Unknown') ? null : tags.LensID) ?? tags.Lens,
    exposureTime: tags.ExposureTime,
    fNumber: tags.FNumber,
    iso: tags.ISO,
    focalLength: tags.FocalLength,
    latitude: tags.GPSLatitude,
    longitude: tags.GPSLongitude,
    altitude: tags.GPSAltitude,
  })
