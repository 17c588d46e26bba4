/** Which names may be photos. What a file really is, its bytes decide when it is looked at. */

const PHOTO_EXTENSIONS = new Set([
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'png',
  'webp',
  'gif',
  'tif',
  'tiff',
  'avif',
  'heic',
  'heif',
  'hif',
  'bmp',
  // Raw, by camera maker: DNG of several, Canon, Nikon, Sony, Fujifilm, Olympus, Panasonic, Leica,
  // Pentax, Samsung, Hasselblad, Phase One, Mamiya, Leaf, Minolta, Sigma, Epson, Kodak, GoPro.
  'dng',
  'cr2',
  'cr3',
  'crw',
  'nef',
  'nrw',
  'arw',
  'sr2',
  'srf',
  'raf',
  'orf',
  'ori',
  'rw2',
  'raw',
  'rwl',
  'pef',
  'srw',
  '3fr',
  'fff',
  'iiq',
  'mef',
  'mos',
  'mrw',
  'x3f',
  'erf',
  'dcr',
  'kdc',
  'gpr',
])

/** Folders that systems and other photo programs make for themselves. */
const SYSTEM_DIRECTORIES = new Set([
  '$recycle.bin',
  'system volume information',
  'lost+found',
  '@eadir',
  'node_modules',
])

/** Names without an extension are looked at too: rescued and exported photos often lost theirs. */
export function mayBePhoto(name: string): boolean {
  if (name.startsWith('.')) return false
  const dot = name.lastIndexOf('.')
  return dot <= 0 || PHOTO_EXTENSIONS.has(name.slice(dot + 1).toLowerCase())
}

export function isSkippedDirectory(name: string): boolean {
  return name.startsWith('.') || SYSTEM_DIRECTORIES.has(name.toLowerCase())
}
