/** Files made to keep a reader busy: each has no hash, and that soon. */
import { expect, test } from 'vitest'
import type { PhotoFormat } from '../../../main/vision/formats.ts'
import { imageDataHash } from '../../../main/vision/imageDataHash.ts'
import { tiffFile } from '../../support/tiffFile.ts'

const MEGABYTE = 1_000_000

const picture = { 256: 9, 257: 9, 258: 8, 259: 1, 262: 1, 277: 1 }

function tiffWhosePageIsItsNext(): Buffer {
  const file = tiffFile([{ fields: picture, strip: Buffer.alloc(81) }])
  const directory = file.readUInt32LE(4)
  const entries = file.readUInt16LE(directory)
  file.writeUInt32LE(directory, directory + 2 + entries * 12)
  return file
}

/** Without entries a directory costs next to nothing to read. */
const emptyTiffWhosePageIsItsNext = () =>
  Buffer.from('II*\0\x08\0\0\0\0\0\x08\0\0\0'.padEnd(MEGABYTE, '\0'), 'latin1')

function tiffOfStripsThatAreTheWholeFile(): Buffer {
  const count = 100_000
  const file = tiffFile([
    {
      fields: {
        ...picture,
        273: Array.from({ length: count }, () => 1),
        279: Array.from({ length: count }, () => MEGABYTE),
      },
    },
  ])
  return Buffer.concat([file, Buffer.alloc(MEGABYTE)])
}

function tiffWithMoreValuesThanBytes(): Buffer {
  const file = tiffFile([{ fields: { ...picture, 273: [8, 9], 279: [1, 1] } }])
  // Tag 273 of type SHORT; its count follows.
  file.writeUInt32LE(0xffffffff, file.indexOf(Buffer.from([0x11, 0x01, 3, 0])) + 4)
  return file
}

const tiffOfStripsBehindIt = () => tiffFile([{ fields: { ...picture, 273: MEGABYTE, 279: 81 } }])

const box = (type: string, ...parts: Buffer[]): Buffer => {
  const data = Buffer.concat(parts)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(data.length + 8)
  header.write(type, 4)
  return Buffer.concat([header, data])
}
const bytes = (...values: number[]) => Buffer.from(values)
const fileType = (brand: string) => box('ftyp', Buffer.from(`${brand}\0\0\0\0${brand}`))

/** An item's entry: id 1, no data reference, then how many extents. */
const location = (extents: number) => bytes(0, 1, 0, 0, extents >> 8, extents & 0xff)

function heicOfExtentsWithoutBytes(): Buffer {
  const items = 30_000
  const entries = Buffer.concat(Array.from({ length: items }, () => location(0xffff)))
  const sizes = bytes(0, 0, 0, 0, 0x00, 0x00, items >> 8, items & 0xff)
  return Buffer.concat([
    fileType('heic'),
    box('meta', bytes(0, 0, 0, 0), box('iloc', sizes, entries)),
  ])
}

/** Each box says that it begins again. */
const heicOfBoxesInBoxes = () =>
  Buffer.concat([
    fileType('heic'),
    ...Array.from({ length: 10_000 }, () =>
      bytes(0, 0, 0, 1, 0x6d, 0x65, 0x74, 0x61, 0, 0, 0, 0, 0, 0, 0, 0),
    ),
  ])

const png = (...chunks: Buffer[]) =>
  Buffer.concat([bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks])

const gifHeader = Buffer.from('GIF89a\x09\0\x09\0\0\0\0', 'latin1')

const hostile: [name: string, format: PhotoFormat, file: () => Buffer][] = [
  ['nothing', 'jpeg', () => Buffer.alloc(0)],
  ['nothing but markers', 'jpeg', () => Buffer.alloc(MEGABYTE, 0xff)],
  ['segments of no length', 'jpeg', () => Buffer.alloc(MEGABYTE, Buffer.from('ffe00000', 'hex'))],
  [
    'a scan without end',
    'jpeg',
    () =>
      Buffer.concat([
        bytes(0xff, 0xd8, 0xff, 0xda, 0, 2),
        Buffer.alloc(MEGABYTE, Buffer.from('ff00', 'hex')),
      ]),
  ],
  [
    'a chunk of four gigabytes',
    'png',
    () => png(bytes(0xff, 0xff, 0xff, 0xff, 0x49, 0x44, 0x41, 0x54)),
  ],
  ['chunks without end', 'png', () => png(Buffer.alloc(MEGABYTE))],
  [
    'a chunk that is longer than the file',
    'webp',
    () => Buffer.from('RIFF\x20\0\0\0WEBPVP8 \xff\xff\xff\xff'.padEnd(99), 'latin1'),
  ],
  [
    'empty chunks',
    'webp',
    () => Buffer.from('RIFF\x40\x42\x0f\0WEBP'.padEnd(MEGABYTE + 8, '\0'), 'latin1'),
  ],
  [
    'blocks without end',
    'gif',
    () => Buffer.concat([gifHeader, bytes(0x21, 0xfe), Buffer.alloc(MEGABYTE, 1)]),
  ],
  ['no block', 'gif', () => Buffer.concat([gifHeader, bytes(0)])],
  ['a page that is its own next', 'tiff', tiffWhosePageIsItsNext],
  ['an empty page that is its own next', 'tiff', emptyTiffWhosePageIsItsNext],
  ['strips that are all the whole file', 'tiff', tiffOfStripsThatAreTheWholeFile],
  ['more values than bytes', 'tiff', tiffWithMoreValuesThanBytes],
  ['a picture behind the file', 'tiff', tiffOfStripsBehindIt],
  ['extents without bytes', 'heic', heicOfExtentsWithoutBytes],
  ['boxes that do not move on', 'heic', heicOfBoxesInBoxes],
  ['no boxes', 'avif', () => fileType('avif')],
  ['a raw file of no known structure', 'raw', () => Buffer.from('FOVb'.padEnd(999, '\0'))],
  ['a raw file that ends early', 'raw', () => Buffer.from('FUJIFILMCCD-RAW 0201')],
]

test.each(hostile)('%s (%s)', (_, format, file) => {
  const made = file()
  const start = performance.now()
  expect(imageDataHash(made, format)).toBeNull()
  expect(performance.now() - start).toBeLessThan(1000)
})
