import { describe, expect, test } from 'vitest'
import { centreSquare, centreStrip, within, withShortSide } from '../../../main/vision/geometry.ts'

describe('sizes, as torchvision reckons them', () => {
  // From torchvision 0.14: Resize(256) of PIL images of these sizes.
  test.each([
    [500, 375, 341, 256],
    [375, 500, 256, 341],
    [640, 480, 341, 256],
    [333, 500, 256, 384],
    [500, 333, 384, 256],
    [1000, 3, 85_333, 256],
    [256, 256, 256, 256],
    [100, 50, 512, 256],
  ])('%d x %d with a shorter side of 256 is %d x %d', (width, height, toWidth, toHeight) => {
    expect(withShortSide({ width, height }, 256)).toEqual({ width: toWidth, height: toHeight })
  })

  // Python's round() takes halves to the even number: CenterCrop's offsets.
  test.each([
    [341, 256, 58, 16],
    [384, 256, 80, 16],
    [225, 227, 0, 2],
    [229, 231, 2, 4],
    [224, 224, 0, 0],
  ])('the middle of %d x %d begins at %d, %d', (width, height, left, top) => {
    expect(centreSquare({ width, height }, 224)).toEqual({ left, top, width: 224, height: 224 })
  })
})

describe('a size within another', () => {
  const maximum = { width: 100, height: 100 }

  test('keeps its shape and is never larger than it was', () => {
    expect(within({ width: 400, height: 200 }, maximum)).toEqual({ width: 100, height: 50 })
    expect(within({ width: 20, height: 30 }, maximum)).toEqual({ width: 20, height: 30 })
  })

  test('has at least one pixel each way', () => {
    expect(within({ width: 10_000, height: 1 }, maximum)).toEqual({ width: 100, height: 1 })
  })
})

describe('the middle of a strip', () => {
  test('is all of a picture that is none', () => {
    expect(centreStrip({ width: 320, height: 100 }, 4)).toBeNull()
  })

  test('is as long as the ratio allows, and lies in the middle', () => {
    const middle = { left: 300, top: 0, width: 400, height: 100 }
    expect(centreStrip({ width: 1000, height: 100 }, 4)).toEqual(middle)
    const upright = { left: 0, top: 300, width: 100, height: 400 }
    expect(centreStrip({ width: 100, height: 1000 }, 4)).toEqual(upright)
  })
})
