import { describe, expect, it } from 'vitest'
import {
  actualSizeScale,
  clampView,
  fitSize,
  fitted,
  largestScale,
  zoomAt,
} from '../../../renderer/viewer/zoom.ts'

const stage = { width: 1000, height: 800 }
const photo = { width: 4000, height: 3000 }

describe('zooming', () => {
  it('fits a large photo and leaves a small one as it is', () => {
    expect(fitSize(photo, stage)).toEqual({ width: 1000, height: 750 })
    expect(fitSize({ width: 300, height: 200 }, stage)).toEqual({ width: 300, height: 200 })
    expect(fitSize({ width: 0, height: 0 }, stage)).toEqual({ width: 0, height: 0 })
  })

  it('keeps the point under the pointer in its place', () => {
    const at = { x: 120, y: -80 }
    const view = zoomAt({ scale: 2, x: 30, y: 40 }, 1.5, at, photo, stage)
    expect(view.scale).toBe(3)
    expect((at.x - view.x) / view.scale).toBeCloseTo((at.x - 30) / 2)
    expect((at.y - view.y) / view.scale).toBeCloseTo((at.y - 40) / 2)
  })

  it('ends at the fit and at the largest scale', () => {
    expect(zoomAt({ scale: 1.2, x: 50, y: 0 }, 0.1, { x: 0, y: 0 }, photo, stage)).toEqual(fitted)
    const most = zoomAt(fitted, 1e6, { x: 0, y: 0 }, photo, stage)
    expect(most.scale).toBe(largestScale(photo, stage))
    expect(most.scale).toBe(16)
  })

  it('lets no edge of the photo leave the stage’s edge', () => {
    expect(clampView({ scale: 2, x: 9999, y: -9999 }, photo, stage)).toEqual({
      scale: 2,
      x: 500,
      y: -350,
    })
    expect(clampView({ scale: 1, x: 70, y: 70 }, photo, stage)).toEqual(fitted)
  })

  it('knows the scale of one photo pixel on one screen pixel', () => {
    expect(actualSizeScale(photo, stage)).toBe(4)
    expect(actualSizeScale({ width: 300, height: 200 }, stage)).toBe(1)
  })
})
