/** Figures as people read them. */

const whole = new Intl.NumberFormat('en')

export const formatCount = (count: number): string => whole.format(count)

/** The word that goes with a count: `one` with 1, `many` with all others. */
export const wordFor = (count: number, one: string, many: string): string =>
  count === 1 ? one : many

/** `1 class`, `2 classes`. `many`: where that is more than an s. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${wordFor(count, one, many)}`

export const formatPhotos = (count: number): string => counted(count, 'photo')

/** What a person said of a photo: `2 tags, 1 album, 4 stars`; empty for nothing. */
export function formatKnowledge(said: {
  decisions: number
  albums: number
  stars: number
}): string {
  const parts = [
    [said.decisions, 'tag'],
    [said.albums, 'album'],
    [said.stars, 'star'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one]) => counted(count, one))
    .join(', ')
}

/** `bytes` in decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return counted(Math.round(bytes), 'byte')
  const units = ['kB', 'MB', 'GB', 'TB']
  let size = bytes / 1000
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  const digits = size >= 99.5 ? 0 : 1
  return `${size.toFixed(digits)} ${units[unit]}`
}

/** `seconds` of exposure: `1/250 s` below a third of a second, else `0.5 s`. */
export function formatExposure(seconds: number): string {
  if (seconds > 0 && seconds < 0.3) return `1/${Math.round(1 / seconds)} s`
  return `${Number(seconds.toFixed(1))} s`
}

export const formatAperture = (fNumber: number): string => `f/${Number(fNumber.toFixed(1))}`

export const formatFocalLength = (millimetres: number): string =>
  `${Number(millimetres.toFixed(1))} mm`

/** Degrees with hemispheres: `48.8584° N, 2.2945° E`. */
export function formatPlace(place: { latitude: number; longitude: number }): string {
  const part = (degrees: number, positive: string, negative: string) =>
    `${Math.abs(degrees).toFixed(4)}° ${degrees < 0 ? negative : positive}`
  return `${part(place.latitude, 'N', 'S')}, ${part(place.longitude, 'E', 'W')}`
}

/** `time`: ISO 8601 without a zone, the camera's own clock. */
export function formatTime(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return time
  return date.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })
}

/** How long something still takes, rounded to what can be promised. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s left`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min left`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`
}

/** A probability in [0, 1] as `87 %`; what is not nothing is never shown as 0 %. */
export function formatScore(score: number): string {
  if (score > 0 && score < 0.005) return '< 1 %'
  return `${Math.round(score * 100)} %`
}

/** The last part of a path, of either kind of system. */
export const lastName = (path: string): string =>
  path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1) || path
