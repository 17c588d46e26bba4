/** Raw files: seen through the pictures inside, with a real ExifTool. */
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openable, textOfPath } from '../../main/rpc/pathText.ts'
import { createFileDecoder } from '../../main/vision/photoFile.ts'
import { createExifTool, type ExifTool } from '../../main/vision/raw/exifTool.ts'
import { createVision } from '../../main/vision/vision.ts'
import { colour, expectFourColours, quarters, storedFourColours } from '../support/fourColours.ts'
import { createPhotoFolder, type PhotoFolder } from '../support/photoFolder.ts'
import { type DngOptions, dngFile, rafFile } from '../support/rawFiles.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'
import { tiffFile } from '../support/tiffFile.ts'

const vision = createVision()
let folder: PhotoFolder
beforeAll(() => {
  folder = createPhotoFolder(vision)
})
afterAll(() => folder.remove())

const jpeg = async (orientation: number) =>
  (await storedFourColours(orientation)).jpeg({ chromaSubsampling: '4:4:4' })

const writeRaw = (name: string, options: DngOptions) => folder.write(name, dngFile(options))

const upright = async () => (await jpeg(1)).toBuffer()

describe('a raw file', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is seen through its preview, turned once, in its own size: orientation %d',
    async (orientation) => {
      const preview = await (await jpeg(orientation)).toBuffer()
      const [width, height] = orientation < 5 ? [3000, 2000] : [2000, 3000]
      const path = writeRaw(`${orientation}.dng`, { preview, orientation, width, height })
      const { thumbnail, ...photo } = await folder.seen(path)
      expect(photo).toMatchObject({ format: 'raw', width: 3000, height: 2000 })
      expectFourColours(await quarters(thumbnail))
      const shown = await vision.render({ path, maximumSide: 100 })
      expectFourColours(await quarters(shown ?? Buffer.alloc(0)))
    },
  )

  test('whose preview tells its orientation too is turned once', async () => {
    const preview = await (await jpeg(6)).withMetadata({ orientation: 6 }).toBuffer()
    const options = { preview, orientation: 6, width: 2000, height: 3000 }
    const path = writeRaw('told twice.dng', options)
    expectFourColours(await quarters((await folder.seen(path)).thumbnail))
  })

  test('whose preview the camera has turned already is not turned again', async () => {
    const portrait = await sharp(await upright())
      .resize(80, 120, { fit: 'fill' })
      .jpeg()
      .toBuffer()
    const path = writeRaw('upright inside.dng', { preview: portrait, orientation: 8 })
    const { width, height, thumbnail } = await folder.seen(path)
    expect([width, height]).toEqual([2000, 3000])
    expectFourColours(await quarters(thumbnail))
  })

  test('is told by its bytes, whatever its name', async () => {
    const path = writeRaw('a photo.jpg', { preview: await upright() })
    expect(await folder.seen(path)).toMatchObject({ format: 'raw' })
  })

  test('tells when and with what it was taken', async () => {
    const path = writeRaw('told.dng', { preview: await upright() })
    expect((await folder.seen(path)).metadata).toMatchObject({
      takenAt: '2024-02-29T23:59:58',
      camera: 'Albumen Test camera',
      place: null,
    })
  })

  test('is seen through the largest of its previews', async () => {
    const small = await colour('#ff0000', 32, 24).jpeg().toBuffer()
    const large = await colour('#0000ff', 600, 400).jpeg({ quality: 100 }).toBuffer()
    const [one, other] = [small, large].map((strip) => ({
      fields: { 254: 1, 256: 600, 257: 400, 258: [8, 8, 8], 259: 7, 262: 6, 277: 3 },
      strip,
    }))
    if (!one || !other) throw new Error('two were made')
    const file = tiffFile([{ fields: { 50706: Buffer.from([1, 4, 0, 0]) }, below: [one, other] }])
    const [[red = 255, , blue = 0] = []] = await quarters(
      (await folder.seen(folder.write('two.dng', file))).thumbnail,
    )
    expect(red).toBeLessThan(50)
    expect(blue).toBeGreaterThan(200)
  })

  test('of a format that ExifTool alone knows is seen as well', async () => {
    const preview = await (await jpeg(8)).withMetadata({ orientation: 8 }).toBuffer()
    const path = folder.write('fuji.raf', rafFile(preview, Buffer.from('sensor data')))
    const { thumbnail, ...photo } = await folder.seen(path)
    expect(photo).toMatchObject({ format: 'raw', width: 120, height: 80 })
    expectFourColours(await quarters(thumbnail))
  })

  test('without a preview has a reason', async () => {
    expect(await folder.look(writeRaw('bare.dng', {}))).toMatchObject({
      code: 'unsupported-format',
      reason: expect.stringContaining('no preview'),
    })
  })

  test('whose preview is damaged has a reason', async () => {
    const whole = await colour('#808080', 800, 600).jpeg().toBuffer()
    const preview = whole.subarray(0, whole.length / 2)
    expect(await folder.look(writeRaw('half.dng', { preview }))).toMatchObject({ code: 'damaged' })
  })

  test.skipIf(process.platform === 'win32')('cannot give ExifTool orders by its name', async () => {
    const path = writeRaw('a\n-Model=Hacked\nb.dng', { preview: await upright() })
    const before = readFileSync(path)
    expect(await folder.seen(path)).toMatchObject({ format: 'raw' })
    expect(readFileSync(path)).toEqual(before)
  })

  test.runIf(process.platform === 'linux')('are read under a name that is no text', async () => {
    const path = writeRaw('plain.dng', { preview: await upright() })
    const name = textOfPath(Buffer.from([0x63, 0xe9, 0x2e, 0x64, 0x6e, 0x67]))
    renameSync(path, openable(join(folder.path, name)))
    expect(await folder.seen(join(folder.path, name))).toMatchObject({ format: 'raw' })
  })
})

describe.skipIf(!hasShared)('raw files of real cameras, their pictures taken out', () => {
  test.each(['CanonRaw.cr2', 'DNG.dng', 'Nikon.nef'])('are told: %s', async (name) => {
    expect(await folder.look(join(sharedPhotos, 'raw', name))).toMatchObject({
      code: 'unsupported-format',
      reason: expect.stringContaining('no preview'),
    })
  })

  test('but a JPEG that is called .nef is a JPEG', async () => {
    const path = join(sharedPhotos, 'raw', 'Issue 247-1.nef')
    expect(await folder.seen(path)).toMatchObject({ format: 'jpeg', width: 2000, height: 3008 })
  })
})

test.skipIf(process.platform === 'win32')(
  'without Perl, raw files wait until it is installed; other photos do not',
  async () => {
    const raw = writeRaw('waits.dng', { preview: await upright() })
    const photo = folder.write('photo.jpg', await upright())
    const perl = join(folder.path, 'perl')
    const { decodeFile } = createFileDecoder(createExifTool({ perl }))
    expect(await decodeFile(raw, null)).toMatchObject({
      code: 'needs-perl',
      reason: expect.stringMatching(/^[A-Z].*install the package perl.*\.$/),
    })
    expect(await decodeFile(photo, null)).toMatchObject({ state: 'decoded' })
    symlinkSync(printed('which', ['perl']), perl)
    expect(await decodeFile(raw, null)).toMatchObject({ state: 'decoded' })
  },
)

/** What a program of the system prints; nothing where it finds nothing. */
function printed(file: string, args: string[]): string {
  try {
    return execFileSync(file, args, { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

const childrenOf = (pid: number): number[] =>
  printed('pgrep', ['-P', String(pid)])
    .split('\n')
    .map(Number)
    .filter(Boolean)

/** A process that ended may wait to be counted, as Z. */
const isAlive = (pid: number) => /^[^Z]/.test(printed('ps', ['-o', 'stat=', '-p', String(pid)]))

describe.skipIf(process.platform === 'win32')('the process of ExifTool', () => {
  /** Stops Perl while it has a file to read, which then never ends. */
  async function lookWhileStopped(
    exifTool: ExifTool,
    path: string,
    during: (perl: number) => void,
  ) {
    const before = childrenOf(process.pid)
    await exifTool.tags(path, ['Model'])
    const [perl] = childrenOf(process.pid).filter((pid) => !before.includes(pid))
    if (!perl) throw new Error('no process was started')
    process.kill(perl, 'SIGSTOP')
    const outcome = createFileDecoder(exifTool).decodeFile(path, null)
    during(perl)
    return outcome
  }

  test('that hangs costs the photo that hangs it', async () => {
    const path = writeRaw('hangs.dng', { preview: await upright() })
    const exifTool = createExifTool({ taskSeconds: 1 })
    expect(await lookWhileStopped(exifTool, path, () => {})).toMatchObject({ code: 'too-slow' })
    const next = await createFileDecoder(exifTool).decodeFile(path, null)
    expect(next).toMatchObject({ state: 'decoded' })
  })

  test('that dies costs the photo that kills it', async () => {
    const path = writeRaw('kills.dng', { preview: await upright() })
    const exifTool = createExifTool()
    const kill = (perl: number) => setTimeout(() => process.kill(perl, 'SIGKILL'), 100)
    expect(await lookWhileStopped(exifTool, path, kill)).toMatchObject({
      code: 'damaged',
      reason: 'The raw file ended ExifTool, which was reading it.',
    })
    const next = await createFileDecoder(exifTool).decodeFile(path, null)
    expect(next).toMatchObject({ state: 'decoded' })
  })

  test('is started by the first raw file, and ends when vision is killed', async () => {
    const child = fork(fileURLToPath(new URL('../../main/vision/process.ts', import.meta.url)), {
      serialization: 'advanced',
      execArgv: [],
    })
    const { pid = 0 } = child
    const look = async (id: number, path: string) => {
      child.send({ type: 'call', id, name: 'look', input: { path, classify: false } })
      await once(child, 'message')
    }
    await look(1, folder.write('first.jpg', await upright()))
    expect(childrenOf(pid)).toEqual([])
    await look(2, writeRaw('first.dng', { preview: await upright() }))
    const [perl = 0, ...more] = childrenOf(pid)
    expect(more).toEqual([])
    expect(isAlive(perl)).toBe(true)
    child.kill('SIGKILL')
    await vi.waitUntil(() => !isAlive(perl), { timeout: 10_000 })
  })
})
