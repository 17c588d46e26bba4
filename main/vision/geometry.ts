/** The arithmetic of sizes, apart from any pixel. All sizes are whole pixels. */

export interface Size {
  width: number
  height: number
}

export interface Region extends Size {
  left: number
  top: number
}

/** Size with the shorter side at `side`. The longer one is cut off, not rounded, as torchvision's Resize does. */
export function withShortSide({ width, height }: Size, side: number): Size {
  return width <= height
    ? { width: side, height: Math.max(side, Math.trunc((side * height) / width)) }
    : { width: Math.max(side, Math.trunc((side * width) / height)), height: side }
}

/** The largest size of the same shape within `maximum`; never an enlargement. */
export function within({ width, height }: Size, maximum: Size): Size {
  const scale = Math.min(1, maximum.width / width, maximum.height / height)
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
}

/** The square in the middle, placed as torchvision's CenterCrop does: halves go to the even number. */
export function centreSquare({ width, height }: Size, side: number): Region {
  return {
    left: roundHalfToEven((width - side) / 2),
    top: roundHalfToEven((height - side) / 2),
    width: side,
    height: side,
  }
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/** Beyond 1:`ratio` only the middle of a strip counts: whole, it would be blown up without bound. */
export function centreStrip({ width, height }: Size, ratio: number): Region | null {
  const stripWidth = Math.min(width, height * ratio)
  const stripHeight = Math.min(height, width * ratio)
  if (stripWidth === width && stripHeight === height) return null
  return {
    left: Math.floor((width - stripWidth) / 2),
    top: Math.floor((height - stripHeight) / 2),
    width: stripWidth,
    height: stripHeight,
  }
}
