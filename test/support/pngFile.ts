/** Black PNG files of any size: tiny on disk, and made without their pixels. */
import { constants, crc32, deflateRawSync } from 'node:zlib'

export interface PngShape {
  width: number
  height: number
  /** Bits of a channel. */
  depth?: 8 | 16
  alpha?: boolean
  /** Adam7: a decoder holds all pixels until the last pass. */
  interlaced?: boolean
}

/** PNG, third edition, 11.2.1: colour types with and without alpha. */
const RGB = 2
const RGBA = 6

const bytesOfPixel = ({ depth = 8, alpha = false }: PngShape) => ((alpha ? 4 : 3) * depth) / 8

export function blackPng(shape: PngShape): Buffer {
  return pngAround(shape, zeros(filteredBytes(shape)))
}

/** A header and next to nothing else. */
export const pngThatPromises = (shape: PngShape): Buffer => pngAround(shape, zeros(1))

function pngAround(shape: PngShape, data: Buffer): Buffer {
  const { width, height, depth = 8, alpha = false, interlaced = false } = shape
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, alpha ? RGBA : RGB, 0, 0, interlaced ? 1 : 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const none = Buffer.alloc(0)
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', none)])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** Adam7's passes: first column and row, steps (8.1.1 of the specification). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** Each row has a byte for its filter before its pixels. */
function filteredBytes(shape: PngShape): number {
  const rows = (width: number, height: number) =>
    width > 0 ? height * (1 + width * bytesOfPixel(shape)) : 0
  if (!shape.interlaced) return rows(shape.width, shape.height)
  return PASSES.reduce((sum, [x, y, across, down]) => {
    const width = Math.ceil((shape.width - x) / across)
    return sum + rows(width, Math.max(0, Math.ceil((shape.height - y) / down)))
  }, 0)
}

/** A zlib stream (RFC 1950) of so many zeros: one megabyte of them, again and again. */
function zeros(count: number): Buffer {
  const megabyte = 1_000_000
  const whole = deflateRawSync(Buffer.alloc(megabyte), { finishFlush: constants.Z_FULL_FLUSH })
  const rest = deflateRawSync(Buffer.alloc(count % megabyte))
  const check = Buffer.alloc(4)
  // Adler-32: the second sum counts the bytes.
  check.writeUInt32BE((count % 65521) * 0x10000 + 1)
  const pieces = Array.from({ length: Math.floor(count / megabyte) }, () => whole)
  return Buffer.concat([Buffer.from([0x78, 0x01]), ...pieces, rest, check])
}
