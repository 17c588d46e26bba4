import { expect, test } from 'vitest'
import { jpegHeldCoefficients } from '../../../main/vision/containers/jpeg.ts'

/** A frame and the first scan: ITU-T T.81, B.2.2 and B.2.3. `sampling`: factors of each component. */
function jpeg(frame: number, sampling: number[], scanned = sampling.length): Buffer {
  const components = sampling.flatMap((factors, index) => [index + 1, factors, 0])
  const scan = sampling.slice(0, scanned).flatMap((_, index) => [index + 1, 0])
  const segment = (marker: number, ...body: number[]) => [0xff, marker, 0, body.length + 2, ...body]
  return Buffer.from([
    0xff,
    0xd8,
    ...segment(0xfe, 0xff, 0xc2, 0, 3),
    ...segment(frame, 8, 0, 64, 0, 64, sampling.length, ...components),
    ...segment(0xda, scanned, ...scan, 0, 63, 0),
    0x2a,
    0xff,
    0xd9,
  ])
}
const [BASELINE, PROGRESSIVE, ARITHMETIC_PROGRESSIVE] = [0xc0, 0xc2, 0xca]

test.each([
  ['one after the other', BASELINE, [0x11, 0x11, 0x11], 3, 0],
  ['one after the other, chroma subsampled', BASELINE, [0x22, 0x11, 0x11], 3, 0],
  ['progressive', PROGRESSIVE, [0x11, 0x11, 0x11], 3, 3],
  ['progressive, chroma subsampled', PROGRESSIVE, [0x22, 0x11, 0x11], 3, 1.5],
  ['progressive of four inks', PROGRESSIVE, [0x11, 0x11, 0x11, 0x11], 4, 4],
  ['progressive and arithmetic', ARITHMETIC_PROGRESSIVE, [0x11], 1, 1],
  ['a scan for each component', BASELINE, [0x11, 0x11, 0x11], 1, 3],
])('coefficients held for a pixel: %s', (_, frame, sampling, scanned, held) => {
  expect(jpegHeldCoefficients(jpeg(frame, sampling, scanned))).toBe(held)
})

test('a picture without a scan holds none', () => {
  expect(jpegHeldCoefficients(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toBe(0)
  expect(jpegHeldCoefficients(Buffer.alloc(0))).toBe(0)
})
