import { expect, test } from 'vitest'
import { recogniseFormat } from '../../../main/vision/formats.ts'
import { tiffFile } from '../../support/tiffFile.ts'

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string' ? [...part].map((letter) => letter.charCodeAt(0)) : part,
    ),
  )
/** An ISO base media file that begins with these brands. */
const brands = (major: string, ...compatible: string[]) => {
  const length = 16 + 4 * compatible.length
  return bytes([0, 0, 0, length], 'ftyp', major, [0, 0, 0, 0], ...compatible, 'mdat, and so on')
}

test.each([
  ['jpeg', bytes([0xff, 0xd8, 0xff, 0xe1])],
  ['png', bytes([0x89], 'PNG\r\n', [0x1a], '\n')],
  ['gif', bytes('GIF89a')],
  ['webp', bytes('RIFF', [9, 9, 9, 9], 'WEBP')],
  ['tiff', bytes('II', [0x2a, 0])],
  ['tiff', bytes('MM', [0, 0x2a])],
  ['tiff', bytes('II', [0x2b, 0])],
  ['tiff', bytes('MM', [0, 0x2b])],
  ['heic', brands('heic', 'mif1', 'heic')],
  ['heic', brands('mif1', 'heix')],
  ['avif', brands('avif', 'mif1', 'miaf')],
  // What AVIF encoders write too: the general brand first.
  ['avif', brands('mif1', 'avif')],
])('%s is told by its first bytes', (format, start) => {
  expect(recogniseFormat(start)).toEqual({ kind: 'photo', format })
})

const page = { 256: 9, 257: 9 }

test.each([
  ['Canon, CR2', bytes('II*', [0], [16, 0, 0, 0], 'CR', [2, 0])],
  ['Canon, CR3', brands('crx ', 'isom')],
  ['Canon, CRW', bytes('II', [26, 0, 0, 0], 'HEAPCCDR')],
  ['Fujifilm', bytes('FUJIFILMCCD-RAW 0201')],
  ['Minolta', bytes([0], 'MRM', [0, 0, 0, 9])],
  ['Olympus', bytes('IIRO', [8, 0, 0, 0])],
  ['Olympus', bytes('IIRS', [8, 0, 0, 0])],
  ['Olympus', bytes('MMOR', [0, 0, 0, 8])],
  ['Panasonic', bytes('IIU', [0], [24, 0, 0, 0])],
  ['Phase One', bytes('II*', [0], [9, 9, 0, 0], 'IIII')],
  ['Sigma', bytes('FOVb', [0, 0, 3, 0])],
  ['DNG', tiffFile([{ fields: { ...page, 50706: Buffer.from([1, 4, 0, 0]) } }])],
  ['a sensor behind a preview', tiffFile([{ fields: page, below: [{ fields: { 262: 32803 } }] }])],
  ['a sensor behind a page', tiffFile([{ fields: page }, { fields: { 262: 34892 } }])],
  ['Nikon’s compression', tiffFile([{ fields: { ...page, 259: 34713 } }])],
])('%s is told by its bytes as a raw file', (_, start) => {
  expect(recogniseFormat(start)).toEqual({ kind: 'photo', format: 'raw' })
})

test('a TIFF that ends before its first page is left to the decoder', () => {
  const whole = tiffFile([{ fields: { ...page, 50706: Buffer.from([1, 4, 0, 0]) } }])
  expect(recogniseFormat(whole.subarray(0, 20))).toEqual({ kind: 'photo', format: 'tiff' })
})

test.each([
  ['BMP', bytes('BM', [1, 2, 3])],
  ['Photoshop', bytes('8BPS')],
  ['JPEG XL', bytes([0xff, 0x0a])],
  ['JPEG XL', bytes([0, 0, 0, 12], 'JXL \r\n')],
  ['JPEG 2000', bytes([0, 0, 0, 12], 'jP  \r\n')],
  ['Video and other ISO media', brands('isom', 'mp42')],
])('%s is an image that we do not open', (name, start) => {
  expect(recogniseFormat(start)).toEqual({ kind: 'unsupported', name })
})

test.each([
  ['nothing', bytes()],
  ['one byte', bytes([0xff])],
  ['text', bytes('Dear reader')],
  ['a RIFF that is sound', bytes('RIFF', [9, 9, 9, 9], 'WAVE')],
  ['an XML', bytes('<svg>')],
])('%s is none', (_, start) => {
  expect(recogniseFormat(start)).toEqual({ kind: 'unknown' })
})

test('brands beyond the box do not count', () => {
  const start = bytes([0, 0, 0, 16], 'ftyp', 'isom', [0, 0, 0, 0], 'heic')
  expect(recogniseFormat(start).kind).toBe('unsupported')
})
