/** Where raw files have what the sensor saw. Facts about makers' formats: ExifTool's source. */
import type { ImagePart } from './imagePart.ts'
import { findBox } from './isoMedia.ts'
import { rawTiffImageData } from './tiff.ts'

const FUJI = 'FUJIFILMCCD-RAW'
/** Offset and length of the sensor's data, big-endian. */
const FUJI_SENSOR_DATA = 100

/** `null` for formats whose sensor data cannot be told apart. Throws RangeError for damaged structure. */
export function rawImageData(file: Buffer): ImagePart[] | null {
  const start = file.toString('latin1', 0, 16)
  if (/^(II|MM)/.test(start)) return rawTiffImageData(file)
  if (start.startsWith(FUJI)) return [{ name: 'RAF', data: [fujiSensorData(file)] }]
  if (start.startsWith('ftypcrx ', 4)) return canonImageData(file)
  return null
}

function fujiSensorData(file: Buffer): Uint8Array {
  const offset = file.readUInt32BE(FUJI_SENSOR_DATA)
  const end = offset + file.readUInt32BE(FUJI_SENSOR_DATA + 4)
  if (end > file.length) throw new RangeError('the sensor data ends behind the file')
  return file.subarray(offset, end)
}

/** CR3: all pictures lie in one box, descriptions in others. */
function canonImageData(file: Buffer): ImagePart[] | null {
  const pictures = findBox(file, 'mdat')
  return pictures && [{ name: 'CR3', data: [pictures] }]
}
