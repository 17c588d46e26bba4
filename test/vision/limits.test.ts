/** Files that ask for more than a photo may: pixels, memory, time. In a vision process of their own. */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '../../contract/protocol.ts'
import { processEntry } from '../../main/processes/entries.ts'
import { processChannel } from '../../main/rpc/channels.ts'
import type { LookOutcome } from '../../main/rpc/visionCommands.ts'
import { decodePhoto } from '../../main/vision/decode.ts'
import { type DecodableFormat, standardLimits } from '../../main/vision/source.ts'
import { colour } from '../support/fourColours.ts'
import { createPhotoFolder, type PhotoFolder } from '../support/photoFolder.ts'
import { blackPng, pngThatPromises } from '../support/pngFile.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'
import { tiffFile } from '../support/tiffFile.ts'

let folder: PhotoFolder
beforeAll(() => {
  folder = createPhotoFolder()
})
afterAll(() => folder.remove())

let child: ChildProcess
let look: (path: string) => Promise<LookOutcome>
beforeEach(() => {
  child = fork(processEntry('vision'), [], { serialization: 'advanced', execArgv: [] })
  const client = createClient(processChannel(child), 'vision')
  look = async (path) => (await client.call('look', { path, classify: false })) as LookOutcome
})
afterEach(() => {
  child.kill('SIGKILL')
})

const status = () => `/proc/${child.pid}/status`
const measuresMemory = existsSync('/proc/self/status')

/** The most memory that the process has had, in MB. */
const peakMemory = () =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(status(), 'utf8'))?.[1]) / 1024

/** A JPEG whose header says another size than it has (ITU-T T.81, B.2.2). */
async function jpegThatPromises(width: number, height: number): Promise<Buffer> {
  const bytes = await colour('#808080').jpeg({ quality: 50 }).toBuffer()
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
  bytes.writeUInt16BE(height, frame + 5)
  bytes.writeUInt16BE(width, frame + 7)
  return bytes
}

/** GIF89a, 18: the size of the screen follows the version. */
async function gifThatPromises(width: number, height: number): Promise<Buffer> {
  const bytes = await colour('#808080').gif().toBuffer()
  bytes.writeUInt16LE(width, 6)
  bytes.writeUInt16LE(height, 8)
  const image = bytes.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]))
  bytes.writeUInt16LE(width, image + 5)
  bytes.writeUInt16LE(height, image + 7)
  return bytes
}

/** RFC 9649, 2.7: the canvas's size less one in 24 bits. */
async function webpThatPromises(width: number, height: number): Promise<Buffer> {
  const bytes = await colour('#808080').withMetadata({ orientation: 1 }).webp().toBuffer()
  bytes.writeUIntLE(width - 1, 24, 3)
  bytes.writeUIntLE(height - 1, 27, 3)
  return bytes
}

const tiffThatPromises = (width: number, height: number) =>
  tiffFile([
    {
      fields: { 256: width, 257: height, 258: [8, 8, 8], 259: 1, 262: 2, 277: 3, 278: height },
      strip: Buffer.alloc(64),
    },
  ])

describe('more pixels than any photo has', () => {
  test.each([
    ['png', () => pngThatPromises({ width: 30_000, height: 30_000 })],
    ['jpeg', () => jpegThatPromises(30_000, 30_000)],
    ['tiff', () => tiffThatPromises(30_000, 30_000)],
    ['gif', () => gifThatPromises(30_000, 30_000)],
    ['a whole png', () => blackPng({ width: 30_000, height: 30_000 })],
  ])('are set aside at once, whatever the file’s size: %s', async (name, make) => {
    const path = folder.write(name, await make())
    await look(folder.write('warm.jpg', await colour('#808080').jpeg().toBuffer()))
    const [memory, start] = [measuresMemory ? peakMemory() : 0, performance.now()]
    expect(await look(path)).toMatchObject({
      state: 'unreadable',
      code: 'too-many-pixels',
      reason: 'The picture has 30000 x 30000 pixels, over the limit of 300 million.',
    })
    expect(performance.now() - start).toBeLessThan(2000)
    if (measuresMemory) expect(peakMemory() - memory).toBeLessThan(64)
  })

  test.each([
    ['webp', () => webpThatPromises(60_000, 60_000)],
    ['heic', () => heicThatPromises(60_000, 60_000)],
    ['avif', () => avifThatPromises(60_000, 60_000)],
  ])('are refused by decoders of their own accord: %s', async (name, make) => {
    const outcome = await look(folder.write(name, await make()))
    expect(outcome).toMatchObject({
      state: 'unreadable',
      code: expect.stringMatching(/^(damaged|too-many-pixels)$/),
    })
    if (measuresMemory) expect(peakMemory()).toBeLessThan(400)
  })

  async function avifThatPromises(width: number, height: number): Promise<Buffer> {
    return promising(await colour('#808080').avif({ effort: 0 }).toBuffer(), width, height)
  }
  async function heicThatPromises(width: number, height: number): Promise<Buffer> {
    const bytes = await avifThatPromises(width, height)
    bytes.write('heic', 8)
    return Buffer.from(bytes.toString('latin1').replaceAll('avif', 'heic'), 'latin1')
  }
  /** 23008-12, 6.5.3. */
  function promising(bytes: Buffer, width: number, height: number): Buffer {
    const extents = bytes.indexOf('ispe')
    bytes.writeUInt32BE(width, extents + 8)
    bytes.writeUInt32BE(height, extents + 12)
    return bytes
  }
})

describe('more memory than there should be needed', () => {
  test('is refused before it is taken, with the reason', async () => {
    const shape = {
      width: 17_320,
      height: 17_320,
      depth: 16,
      alpha: true,
      interlaced: true,
    } as const
    expect(await look(folder.write('deep.png', blackPng(shape)))).toMatchObject({
      code: 'too-many-pixels',
      reason:
        'The picture has 17320 x 17320 pixels, and decoding them takes 2880 MB of memory at once, ' +
        'over the limit of 1200.',
    })
    if (measuresMemory) expect(peakMemory()).toBeLessThan(300)
  })

  test.each([
    ['one row', { width: 99_000_000, height: 1, depth: 16, alpha: true }],
    ['three rows', { width: 99_000_000, height: 3, alpha: true }],
    ['nine rows', { width: 30_000_000, height: 9, alpha: true }],
  ] as const)('is not taken by pictures of %s', async (_rows, shape) => {
    expect(await look(folder.write('wide.png', blackPng(shape)))).toMatchObject({
      code: 'too-many-pixels',
      reason: expect.stringMatching(/takes \d+ MB of memory at once/),
    })
    if (measuresMemory) expect(peakMemory()).toBeLessThan(300)
  })

  test('and a PNG that promises more pixels than there are numbers says so', async () => {
    const bytes = blackPng({ width: 100, height: 100 })
    bytes.writeUInt32BE(0x7fffffff, 16)
    bytes.writeUInt32BE(0x7fffffff, 20)
    expect(await look(folder.write('huge.png', bytes))).toMatchObject({
      code: 'too-many-pixels',
      reason: expect.stringContaining('2147483647 x 2147483647 pixels'),
    })
  })

  test('is not taken by pictures of 300 million pixels, nor by several at once', async () => {
    const shape = { width: 17_320, height: 17_320 }
    const held = folder.write('held.png', blackPng({ ...shape, interlaced: true }))
    const streamed = folder.write('streamed.png', blackPng(shape))
    const outcomes = await Promise.all([held, held, streamed].map(look))
    for (const outcome of outcomes) expect(outcome).toMatchObject({ state: 'seen', ...shape })
    if (measuresMemory) expect(peakMemory()).toBeLessThan(1500)
  })

  test('is not taken by a progressive JPEG of 100 million pixels', async () => {
    const bytes = await colour('#5a7828', 10_000, 10_000)
      .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
      .toBuffer()
    expect(await look(folder.write('progressive.jpg', bytes))).toMatchObject({ state: 'seen' })
    if (measuresMemory) expect(peakMemory()).toBeLessThan(1000)
  })
})

describe('more time than a decode may take', () => {
  const decode = (bytes: Buffer, format: DecodableFormat, seconds: number) =>
    decodePhoto(bytes, format, null, { limits: { ...standardLimits, seconds } })

  test('is not given to sharp', async () => {
    const shape = { width: 17_320, height: 17_320, depth: 16, alpha: true } as const
    await expect(decode(blackPng(shape), 'png', 1)).rejects.toThrow(/timeout/)
  })

  test.skipIf(!hasShared)('is not given to libheif', async () => {
    const bytes = readFileSync(join(sharedPhotos, 'heic', 'iphone_13_pro_max.HEIC'))
    await expect(decode(bytes, 'heic', 0.1)).rejects.toThrow(/timeout/)
  })
})
