import type { PhotoFormat } from './formats.ts'

/** How libvips and its libraries name themselves in what they say of a file. */
const LIBRARIES: Record<PhotoFormat, RegExp> = {
  jpeg: /jpe?g/i,
  png: /png/i,
  webp: /webp/i,
  gif: /gif/i,
  tiff: /tiff/i,
  avif: /heif|avif|av1/i,
  heic: /heif|hevc/i,
  raw: /jpe?g/i,
}

const UNKNOWN = 'the file is damaged, or its end is missing'

const PLAIN: readonly (readonly [RegExp, string])[] = [
  [
    /premature end|unexpected end|ends early|end of (file|input)|truncat|not enough data|too few data|read error at scanline/i,
    'the end of the file is missing',
  ],
  [/memory|byte limit/i, 'it takes more memory than a photo should'],
]

/**
 * Why a file cannot be decoded, for the end of a sentence. libvips keeps one text for all that decodes
 * at a time: what it says may be of another file, which is noticed where that has another format.
 */
export function whyDamaged(said: string, format: PhotoFormat): string {
  const [line = ''] = said.split('\n')
  const isForeign =
    Object.values(LIBRARIES).some((each) => each.test(line)) && !LIBRARIES[format].test(line)
  const plain = isForeign ? undefined : PLAIN.find(([pattern]) => pattern.test(line))
  return plain ? plain[1] : UNKNOWN
}
