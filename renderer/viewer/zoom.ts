/** Zooming and panning as arithmetic. Lengths are CSS pixels; the origin is the stage's middle. */

export interface Size {
  width: number
  height: number
}

/** `scale` 1 shows the photo fitted to the stage; `x`, `y`: the photo's middle from the stage's. */
export interface View {
  scale: number
  x: number
  y: number
}

export const fitted: View = { scale: 1, x: 0, y: 0 }

/** The photo's size when it fits the stage; a photo smaller than that is not blown up. */
export function fitSize(photo: Size, stage: Size): Size {
  if (photo.width <= 0 || photo.height <= 0) return { width: 0, height: 0 }
  const ratio = Math.min(1, stage.width / photo.width, stage.height / photo.height)
  return { width: photo.width * ratio, height: photo.height * ratio }
}

/** As far as one photo pixel on four CSS pixels, and never less than eight times the fit. */
export function largestScale(photo: Size, stage: Size): number {
  const fit = fitSize(photo, stage)
  return fit.width === 0 ? 8 : Math.max(8, (4 * photo.width) / fit.width)
}

/** Scales by `factor` and keeps the photo's point under (`atX`, `atY`) where it is. */
export function zoomAt(
  view: View,
  factor: number,
  at: { x: number; y: number },
  photo: Size,
  stage: Size,
): View {
  const scale = Math.min(Math.max(1, view.scale * factor), largestScale(photo, stage))
  const ratio = scale / view.scale
  return clampView(
    { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
    photo,
    stage,
  )
}

/** Keeps the photo's edge from leaving the stage's edge; centred where it is smaller. */
export function clampView(view: View, photo: Size, stage: Size): View {
  const fit = fitSize(photo, stage)
  const clamp = (value: number, shown: number, available: number) => {
    const room = Math.max(0, (shown - available) / 2)
    return Math.min(Math.max(-room, value), room)
  }
  return {
    scale: view.scale,
    x: clamp(view.x, fit.width * view.scale, stage.width),
    y: clamp(view.y, fit.height * view.scale, stage.height),
  }
}

/** The scale at which one photo pixel is one CSS pixel. */
export function actualSizeScale(photo: Size, stage: Size): number {
  const fit = fitSize(photo, stage)
  return fit.width === 0 ? 1 : Math.max(1, photo.width / fit.width)
}
