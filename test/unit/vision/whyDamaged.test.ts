import { expect, test } from 'vitest'
import { whyDamaged } from '../../../main/vision/whyDamaged.ts'

test.each([
  ['jpeg', 'VipsJpeg: premature end of JPEG image', 'the end of the file is missing'],
  ['tiff', 'tiff2vips: Read error at scanline 4294967295', 'the end of the file is missing'],
  [
    'tiff',
    'tiff2vips: Cumulated memory allocation of 11535720 + 88466432 bytes is beyond the 52428800 cumulated byte limit defined in open options.',
    'it takes more memory than a photo should',
  ],
  ['jpeg', 'VipsJpeg: Unsupported marker type 0x5d', 'the file is damaged, or its end is missing'],
  ['png', 'vipspng: libpng read error', 'the file is damaged, or its end is missing'],
  ['png', 'Input buffer has corrupt header:', 'the file is damaged, or its end is missing'],
  ['webp', 'Unknown error', 'the file is damaged, or its end is missing'],
  ['webp', '', 'the file is damaged, or its end is missing'],
  ['heic', 'the file ends early', 'the end of the file is missing'],
] as const)('%s: “%s” in plain words', (format, said, why) => {
  expect(whyDamaged(said, format)).toBe(why)
})

test.each([
  ['jpeg', 'vipspng: libpng read error'],
  ['png', 'VipsJpeg: premature end of JPEG image'],
  ['webp', 'Input buffer has corrupt header: tiff2vips: Not enough data for scanline 0'],
] as const)('what was said of a file of another format is not told of a %s', (format, said) => {
  expect(whyDamaged(said, format)).toBe('the file is damaged, or its end is missing')
})
