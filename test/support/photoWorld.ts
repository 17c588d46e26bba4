/** Photos of which it is known what they show, and a model that sees it. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import sharp from 'sharp'
import { colourOf, writeColourModel } from './colourModel.ts'
import { hasShared, sharedPhotos, sharedResNet } from './shared.ts'

export interface KnownPhoto {
  /** From the folder of photos, with `/` between names. */
  path: string
  /** The class that the model gives it first, as the window calls it. */
  shows: string
}

export interface PhotoWorld {
  root: string
  /** The folder to add. */
  photos: string
  /** An empty folder for exports. */
  exports: string
  library: string
  model: string
  known: readonly KnownPhoto[]
  /** Paths from `photos` of files that are no pictures. */
  damaged: readonly string[]
  /** File names of the photos that show one of these, sorted. */
  showing(...classes: string[]): string[]
  /** Of all files in `photos`, sorted. */
  names(): string[]
  remove(): void
}

/** Classes that both models tell. What else they are in WordNet, the searches of the tests name. */
const labels = [
  { wnid: 'n02105162', name: 'malinois' },
  { wnid: 'n02096585', name: 'Boston terrier' },
  { wnid: 'n02124075', name: 'Egyptian cat' },
  { wnid: 'n02391049', name: 'zebra' },
  { wnid: 'n02056570', name: 'king penguin' },
  { wnid: 'n03095699', name: 'container ship' },
  { wnid: 'n11939491', name: 'daisy' },
  { wnid: 'n04540053', name: 'volleyball' },
]

export const dogs = [
  'malinois',
  'Boston terrier',
  'miniature poodle',
  'Leonberg',
  'black-and-tan coonhound',
  'Sussex spaniel',
]

/**
 * Real photos that `resnet18-imagenet.onnx` is sure about, with their names hidden: what is found
 * by name must not stand in for what is recognised.
 */
const sharedOnes: readonly [path: string, original: string, shows: string][] = [
  ['IMG_1001.JPEG', 'n02105162_malinois', 'malinois'],
  ['IMG_1002.JPEG', 'n02096585_Boston_bull', 'Boston terrier'],
  ['IMG_1003.JPEG', 'n02124075_Egyptian_cat', 'Egyptian cat'],
  ['my dog days.JPEG', 'n02391049_zebra', 'zebra'],
  ['IMG_1005.JPEG', 'n02056570_king_penguin', 'king penguin'],
  ['IMG_1006.JPEG', 'n03095699_container_ship', 'container ship'],
  ['2007/IMG_1007.JPEG', 'n11939491_daisy', 'daisy'],
  ['2007/IMG_1008.JPEG', 'n04540053_volleyball', 'volleyball'],
  ['2007/Tag im Zoo/IMG_1009.JPEG', 'n02113624_toy_poodle', 'miniature poodle'],
  ['2007/Tag im Zoo/IMG_1010.JPEG', 'n02111129_Leonberg', 'Leonberg'],
  ['2007/Tag im Zoo/IMG_1011.JPEG', 'n02089078_black-and-tan_coonhound', 'black-and-tan coonhound'],
  ['2007/Tag im Zoo/IMG_1012.JPEG', 'n02102480_Sussex_spaniel', 'Sussex spaniel'],
  ['2007/Tag im Zoo/IMG_1013.JPEG', 'n01820546_lorikeet', 'lorikeet'],
  ['Größe/é/IMG_1014.JPEG', 'n02077923_sea_lion', 'sea lion'],
  ['Größe/é/IMG_1015.JPEG', 'n01980166_fiddler_crab', 'fiddler crab'],
  ['Größe/é/IMG_1016.JPEG', 'n13044778_earthstar', 'earthstar'],
  ['Größe/é/IMG_1017.JPEG', 'n03796401_moving_van', 'moving van'],
  ['Größe/IMG_1018.JPEG', 'n03393912_freight_car', 'freight car'],
  ['Größe/IMG_1019.JPEG', 'n03895866_passenger_car', 'railway carriage'],
  ['Größe/IMG_1020.JPEG', 'n03662601_lifeboat', 'lifeboat'],
  ['Größe/IMG_1021.JPEG', 'n04562935_water_tower', 'water tower'],
  ['Größe/IMG_1022.JPEG', 'n06874185_traffic_light', 'traffic light'],
  ['Größe/IMG_1023.JPEG', 'n02793495_barn', 'barn'],
  ['Größe/IMG_1024.JPEG', 'n03160309_dam', 'dam'],
]

/** What took `IMG_1012.JPEG`. */
export const camera = 'Canon DIGITAL IXUS i7 zoom'

/** Makes the folders anew, in a temporary place. Without `../shared`, photos are coloured and the model tells colours. */
export async function createPhotoWorld(): Promise<PhotoWorld> {
  const { known, ...world } = await emptyWorld()
  if (hasShared) {
    for (const [path, original, shows] of sharedOnes) {
      copyPhoto(join(sharedPhotos, 'imagenet', `${original}.JPEG`), join(world.photos, path))
      known.push({ path, shows })
    }
  } else {
    for (const [index, [path]] of sharedOnes.entries()) {
      const label = labels[index % labels.length]
      await writeColour(join(world.photos, path), index)
      known.push({ path, shows: label?.name ?? '' })
    }
  }
  const damaged = writeDamaged(world.photos)
  return { ...world, known, damaged }
}

/** Folders with so many photos, named after their folder: `a_0.jpg`. What they show is not known. */
export async function createLargeWorld(folders: Record<string, number>): Promise<PhotoWorld> {
  const { known, ...world } = await emptyWorld()
  let made = 0
  for (const [folder, count] of Object.entries(folders)) {
    for (let index = 0; index < count; index++) {
      await writePhoto(join(world.photos, folder, `${folder}_${index}.jpg`), made++)
    }
  }
  return { ...world, known, damaged: [] }
}

/** A photo; those of different `index` differ. */
export async function writePhoto(path: string, index = 0): Promise<void> {
  const original = hasShared ? readdirSync(join(sharedPhotos, 'imagenet')).sort()[index] : undefined
  if (original) copyPhoto(join(sharedPhotos, 'imagenet', original), path)
  else await writeColour(path, index)
}

async function emptyWorld() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'albumen-e2e-')))
  const photos = join(root, 'photos')
  const exports = join(root, 'exports')
  for (const folder of [photos, exports]) mkdirSync(folder)
  const known: KnownPhoto[] = []
  return {
    root,
    photos,
    exports,
    library: join(root, 'library'),
    model: hasShared ? sharedResNet : writeColourModel(root, labels),
    known,
    showing: (...classes: string[]) =>
      known
        .filter(({ shows }) => classes.includes(shows))
        .map(({ path }) => basename(path))
        .sort(),
    names: () =>
      readdirSync(photos, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort(),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Written anew, as our own: the originals may be read-only. */
function copyPhoto(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, readFileSync(from))
}

/** Each `index` has bytes of its own and the colour of the class `index % 8`. */
async function writeColour(path: string, index: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const size = { width: 480 + 8 * index, height: 360 }
  const picture = sharp({ create: { ...size, channels: 3, background: colourOf(index % 8) } })
  await picture
    .withExif({ IFD0: { Make: 'Canon', Model: camera } })
    .jpeg()
    .toFile(path)
}

function writeDamaged(photos: string): string[] {
  writeFileSync(join(photos, 'empty.jpg'), '')
  writeFileSync(join(photos, 'notes.png'), 'Milk, bread, a present for Ada.\n'.repeat(40))
  if (!hasShared) return ['empty.jpg', 'notes.png']
  const truncated = 'corpus-6ff2ed2b986ce660f027172da1816db3d608d47c-4'
  cpSync(join(sharedPhotos, 'damaged', truncated), join(photos, '2007', truncated))
  return ['empty.jpg', 'notes.png', `2007/${truncated}`]
}
