/** @file Decodes one HEIC photo on a thread of the vision process: libheif blocks while it works. */
import { parentPort, workerData } from 'node:worker_threads'
import heicDecode from 'heic-decode'
import { messageOf } from '../../contract/errors.ts'
import { uncompressedTiff } from './containers/uncompressedTiff.ts'

export interface HeicWork {
  bytes: Uint8Array
  /** More than the file's header promises is not decoded: memory was set aside for that. */
  maximumPixels: number
  profile: Uint8Array | null
}

export type HeicResult = { tiff: Uint8Array<ArrayBuffer> } | { error: string }

/** The types of heic-decode leave out that the size is known before decoding. */
interface HeicImage {
  width: number
  height: number
  decode(): Promise<{ width: number; height: number; data: Uint8ClampedArray }>
}

async function decode({ bytes, maximumPixels, profile }: HeicWork): Promise<HeicResult> {
  try {
    const [first] = (await heicDecode.all({ buffer: bytes })) as HeicImage[]
    if (!first) return { error: 'no picture inside' }
    if (first.width * first.height > maximumPixels) {
      return { error: 'the picture is larger than its header says' }
    }
    const { width, height, data } = await first.decode()
    return { tiff: uncompressedTiff({ width, height, data }, profile) }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

const result = await decode(workerData as HeicWork)
parentPort?.postMessage(result, 'tiff' in result ? [result.tiff.buffer] : [])
