/** Raw files are seen through the picture that the camera put into them. */
import sharp from 'sharp'
import { z } from 'zod'
import type { CaptureMetadata } from '../../contract/domain.ts'
import { withOrientation } from './containers/jpeg.ts'
import type { ExifTool } from './exifTool.ts'
import type { Size } from './geometry.ts'
import { captureMetadata } from './metadata.ts'

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

/** A raw file without a picture for people. */
export class NoPreviewError extends Error {}

/** Throws NoPreviewError, and what `exifTool` throws. */
export async function openRaw(exifTool: ExifTool, path: string): Promise<RawPhoto> {
  const tags = tagsSchema.parse(await exifTool.tags(path, TAGS))
  const preview = await largestPreview(exifTool, path, tags)
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

async function largestPreview(exifTool: ExifTool, path: string, tags: Tags): Promise<Buffer> {
  const byBytes = PREVIEWS.map((name) => ({ name, bytes: bytesOf(tags[name]) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((one, other) => other.bytes - one.bytes)
  for (const { name } of byBytes) {
    const preview = await exifTool.bytes(path, name)
    // Some makers' previews are of formats of their own.
    if (preview.readUInt16BE(0) === 0xffd8) return preview
  }
  throw new NoPreviewError('no preview')
}

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
