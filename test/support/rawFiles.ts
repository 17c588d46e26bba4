/** Raw files: a sensor's data, which may be anything, and a JPEG for people. */
import { tiffFile } from './tiffFile.ts'

/** Tags of the directories that raw files are made of. */
const size = (width: number, height: number) => ({ 256: width, 257: height })
const REDUCED = { 254: 1 }
const JPEG = { 259: 7, 262: 6, 258: [8, 8, 8], 277: 3 }
const SENSOR = { 254: 0, 258: 16, 259: 1, 262: 32803, 277: 1 }

export interface DngOptions {
  /** JPEG. */
  preview?: Buffer
  orientation?: number
  /** What is stored for the sensor's pixels. */
  sensor?: Buffer
  /** Of the sensor. */
  width?: number
  height?: number
}

export function dngFile(options: DngOptions): Buffer {
  const { preview, orientation = 1, width = 3000, height = 2000 } = options
  const { sensor = Buffer.from('sensor data, more or less') } = options
  const fields = {
    271: 'Albumen',
    272: 'Test camera',
    274: orientation,
    306: '2024:02:29 23:59:58',
    50706: Buffer.from([1, 4, 0, 0]),
  }
  const raw = { fields: { ...SENSOR, ...size(width, height) }, strip: sensor }
  const previews = preview
    ? [{ fields: { ...REDUCED, ...JPEG, ...size(120, 80) }, strip: preview }]
    : []
  return tiffFile([{ fields, below: [...previews, raw] }])
}

/** A RAF as Fujifilm's cameras write it: what is where stands at 84 and 100, big-endian. */
export function rafFile(preview: Buffer, sensor: Buffer): Buffer {
  const header = Buffer.alloc(160)
  header.write('FUJIFILMCCD-RAW 0201FF389501Albumen')
  header.writeUInt32BE(header.length, 84)
  header.writeUInt32BE(preview.length, 88)
  header.writeUInt32BE(header.length + preview.length, 100)
  header.writeUInt32BE(sensor.length, 104)
  return Buffer.concat([header, preview, sensor])
}
