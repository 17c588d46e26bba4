import type { MissingPhoto, PhotoId } from '../../contract/domain.ts'
import { UserError } from '../../contract/errors.ts'
import { countMissing, listMissing } from '../engine/db/missing.ts'
import { withoutLinks } from '../engine/library/folders.ts'
import {
  photosOfRemoved,
  purgeMissing,
  type Staying,
  stayingPhotos,
} from '../engine/library/purge.ts'
import { counted } from './evaluate/wording.ts'
import type { CommonOptions } from './index.ts'
import { openForChanging, openForReading, type ReadableLibrary } from './openLibrary.ts'
import { print, printJson } from './print.ts'

const PAGE = 1000

export interface PurgeOptions extends CommonOptions {
  /** A folder that was removed from the library: its photos alone are meant. `null`: all missing ones. */
  removed: string | null
}

/** Forgets the photos of which no file is left, with all that was said of them. */
export async function runPurge(options: PurgeOptions): Promise<void> {
  const { db, library } = await openForChanging(options)
  try {
    const purged = purgeMissing(db, namedPhotos(db, options))
    const staying = options.removed === null ? [...stayingPhotos(db).values()] : []
    if (options.json) await printJson({ purged, staying: staying.length })
    else {
      await print(`Forgotten: ${inPhotos(purged)}.`)
      tellStaying(staying)
    }
  } finally {
    library.close()
  }
}

/** Lists what `runPurge` would forget, and what would stay. */
export async function listPurge(options: PurgeOptions): Promise<void> {
  const { db, library } = await openForReading(options)
  try {
    const named = namedPhotos(db, options)
    const only = named && new Set(named)
    const staying = named ? new Map<PhotoId, Staying>() : stayingPhotos(db)
    const count = countMissing(db)
    let going = 0
    for (let offset = 0; offset < count; offset += PAGE) {
      for (const photo of listMissing(db, offset, PAGE)) {
        if (only && !only.has(photo.id)) continue
        const stays = staying.get(photo.id) ?? null
        if (!stays) going++
        await (options.json ? printJson({ ...photo, stays }) : print(line(photo, stays)))
      }
    }
    if (options.json) return
    if (count === 0) await print('No photo is missing.')
    else {
      console.error(
        going === 0
          ? 'No photo would be forgotten.'
          : `${inPhotos(going)} would be forgotten: add --yes to do it.`,
      )
      tellStaying([...staying.values()])
    }
  } finally {
    library.close()
  }
}

/** `null`: all. Throws UserError where nothing is known of the folder. */
function namedPhotos(db: ReadableLibrary['db'], { removed }: PurgeOptions) {
  if (removed === null) return null
  const photos = photosOfRemoved(db, withoutLinks(removed))
  if (photos.length > 0) return photos
  throw new UserError(
    'no-such-folder',
    `No photo is left of a folder ${removed} that was removed from Albumen: "albumen purge --list" shows where missing photos lay.`,
  )
}

const inPhotos = (count: number) => counted(count, 'photo')

const line = (photo: MissingPhoto, stays: Staying | null) =>
  [photo.path, loss(photo), ...(stays ? [`stays: ${reasons[stays]}`] : [])].join('\t')

const reasons: Record<Staying, string> = {
  'drive-away': 'the drive is away',
  'came-back': 'there is a file again, or it cannot be looked for',
  'folder-removed': 'the folder was removed from Albumen',
}

const advice: Record<Staying, string> = {
  'drive-away': 'connect it, and run "albumen index" on the folder',
  'came-back': 'run "albumen index" on the folder',
  'folder-removed': 'to forget them, name the folder with --removed',
}

function tellStaying(staying: readonly Staying[]): void {
  for (const [reason, photos] of Map.groupBy(staying, (each) => each)) {
    const verb = photos.length === 1 ? 'stays' : 'stay'
    console.error(`${inPhotos(photos.length)} ${verb}, as ${reasons[reason]}: ${advice[reason]}.`)
  }
}

/** What would go with a photo, beside what models said of it. */
function loss({ decisions, albums, stars }: MissingPhoto): string {
  const parts = [
    [decisions, 'tag'],
    [albums, 'album'],
    [stars, 'star'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one]) => counted(count, one))
    .join(', ')
}
