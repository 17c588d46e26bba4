/** @file Decodes one HEIC photo on a thread of the vision process: libheif blocks while it works. */
import { parentPort, workerData } from 'node:worker_threads'
import heicDecode from 'heic-decode'
import { messageOf } from '../../contract/errors.ts'

/** `data`: RGBA, row-major, uint8, orientation applied. */
export type HeicResult =
  | { width: number; height: number; data: Uint8Array }
  | { error: string; tooManyPixels: boolean }

/** The types of heic-decode leave out that the size is known before decoding. */
interface HeicImage {
  width: number
  height: number
  decode(): Promise<{ width: number; height: number; data: Uint8ClampedArray }>
}

interface Work {
  bytes: Uint8Array
  maximumPixels: number
}

async function decode({ bytes, maximumPixels }: Work): Promise<HeicResult> {
  try {
    const [first] = (await heicDecode.all({ buffer: bytes })) as HeicImage[]
    if (!first) return { error: 'no picture inside', tooManyPixels: false }
    if (first.width * first.height > maximumPixels) {
      return { error: `${first.width} x ${first.height} pixels`, tooManyPixels: true }
    }
    const { width, height, data } = await first.decode()
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
  } catch (error) {
    return { error: messageOf(error), tooManyPixels: false }
  }
}

parentPort?.postMessage(await decode(workerData as Work))
