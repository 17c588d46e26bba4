/**
 * Hundreds of random moves, renames, copies, edits and deletions while Albumen works, against a model of
 * what must hold: what was said of a picture is said of it wherever it lies.
 */
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PhotoDetail, PhotoId } from '../../contract/domain.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { writePicture } from '../support/pictures.ts'
import { type Chance, createChance } from '../support/random.ts'

const OPERATIONS = Number(process.env.ALBUMEN_TEST_OPERATIONS ?? 150)
const TAGS = ['cat', 'holiday', 'grandmother', 'to print']
const FOLDERS = ['one/', 'one/deep/er/', 'one/Größe é/', 'two/', 'two/other/']

/** What was said of a picture, as the window would tell it. */
interface Said {
  tags: Map<string, 'yes' | 'no'>
  stars: number
}
interface Picture {
  bytes: Buffer
  said: Said
  /** What it was made of by an edit. */
  before?: Picture
}

/** The disk and what was said, as they must be. */
class World {
  readonly root: string
  readonly chance: Chance
  readonly files = new Map<string, Picture>()
  /** Pictures without a file now; they may come back. */
  readonly gone: Picture[] = []
  /** Touched since the library last looked at everything. */
  readonly unsettled = new Set<Picture>()
  /** Names that came since then, with a picture that lay nowhere else or elsewhere before. */
  readonly fresh = new Set<string>()
  private made: number
  private clock = 1_000

  constructor(root: string, seed: number) {
    this.root = root
    this.chance = createChance(seed)
    this.made = seed * 10_000
  }

  path = (name: string) => join(this.root, name)

  newName(): string {
    return `${this.chance.pick(FOLDERS)}${this.chance.pick(['IMG_', 'photo ', 'ü'])}${this.made++}.jpg`
  }

  async newPicture(): Promise<Picture> {
    const scratch = join(this.root, '.scratch.jpg')
    await writePicture(scratch, this.made++)
    const bytes = readFileSync(scratch)
    rmSync(scratch)
    return { bytes, said: { tags: new Map(), stars: 0 } }
  }

  write(name: string, bytes: Buffer): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), bytes)
    // Every change has a time of its own, as on a real disk where things take longer.
    utimesSync(this.path(name), this.clock, this.clock++)
  }

  /** A file that nothing was done to since the library last looked at everything. */
  settled(): [name: string, picture: Picture] | undefined {
    return this.chance.pick([...this.files].filter(([, picture]) => !this.unsettled.has(picture)))
  }

  pictures = () => [...this.files.values(), ...this.gone]

  drop(name: string): void {
    const picture = this.files.get(name)
    this.files.delete(name)
    if (picture && ![...this.files.values()].includes(picture)) this.gone.push(picture)
  }
}

/** Puts a comment behind the start of a JPEG (ITU-T T.81, B.2.4.5): metadata, not picture. */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const text = Buffer.from(comment)
  const head = Buffer.from([0xff, 0xfe, 0, text.length + 2])
  return Buffer.concat([jpeg.subarray(0, 2), head, text, jpeg.subarray(2)])
}

/** The start of an Exif segment, of TIFF in it and of its only entry: the orientation tag. */
const EXIF = Buffer.from('457869660000' + '4d4d002a00000008' + '0001' + '0112000300000001', 'hex')

/** Turned by the orientation tag, as cameras do it: metadata, not picture. */
function turned(jpeg: Buffer, orientation: number): Buffer {
  const value = Buffer.from([0, orientation, 0, 0, 0, 0, 0, 0])
  const length = 2 + EXIF.length + value.length
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, length]), EXIF, value])
  const [from, to] = exifOf(jpeg) ?? [2, 2]
  return Buffer.concat([jpeg.subarray(0, from), segment, jpeg.subarray(to)])
}

/** From where to where the segment lies that `turned` wrote. */
function exifOf(jpeg: Buffer): [number, number] | null {
  const at = jpeg.indexOf(EXIF)
  return at === -1 ? null : [at - 4, at + EXIF.length + 8]
}

/** Whether the orientation tag lays the picture on its side. */
function isOnItsSide(jpeg: Buffer): boolean {
  const [, end] = exifOf(jpeg) ?? [0, 0]
  return end > 0 && (jpeg[end - 7] ?? 1) >= 5
}

const operations: Record<string, (world: World) => Promise<void> | void> = {
  async create(world) {
    const [name, picture] = [world.newName(), await world.newPicture()]
    world.write(name, picture.bytes)
    world.files.set(name, picture)
    world.fresh.add(name)
    world.unsettled.add(picture)
  },
  move(world) {
    const [name, picture] = world.settled() ?? []
    if (!name || !picture) return
    const to = world.newName()
    mkdirSync(dirname(world.path(to)), { recursive: true })
    renameSync(world.path(name), world.path(to))
    world.files.delete(name)
    world.files.set(to, picture)
    world.fresh.add(to)
    world.unsettled.add(picture)
  },
  copy(world) {
    const [name, picture] = world.settled() ?? []
    if (!name || !picture) return
    const to = world.newName()
    mkdirSync(dirname(world.path(to)), { recursive: true })
    copyFileSync(world.path(name), world.path(to))
    world.files.set(to, picture)
    world.fresh.add(to)
    world.unsettled.add(picture)
  },
  editMetadata(world) {
    const [name, picture] = world.settled() ?? []
    if (!name || !picture) return
    world.write(
      name,
      withComment(readFileSync(world.path(name)), `keyword ${world.chance.below(99)}`),
    )
    world.unsettled.add(picture)
  },
  turn(world) {
    const [name, picture] = world.settled() ?? []
    if (!name || !picture) return
    world.write(name, turned(readFileSync(world.path(name)), world.chance.pick([1, 3, 6, 8]) ?? 1))
    world.unsettled.add(picture)
  },
  async editPixels(world) {
    const [name, picture] = world.settled() ?? []
    if (!name || !picture) return
    const edited = await world.newPicture()
    edited.said = { tags: new Map(picture.said.tags), stars: picture.said.stars }
    edited.before = picture
    world.write(name, edited.bytes)
    world.drop(name)
    world.files.set(name, edited)
    world.unsettled.add(picture).add(edited)
  },
  takeBackEdit(world) {
    const [name, picture] = world.settled() ?? []
    const before = picture?.before
    if (!name || !picture || !before || !world.gone.includes(before)) return
    const copies = [...world.files.values()].filter((each) => each === picture)
    if (world.unsettled.has(before) || copies.length > 1) return
    before.said = { tags: new Map(picture.said.tags), stars: picture.said.stars }
    world.write(name, before.bytes)
    world.drop(name)
    world.gone.splice(world.gone.indexOf(before), 1)
    world.files.set(name, before)
    world.unsettled.add(picture).add(before)
  },
  delete(world) {
    const [name, picture] = world.settled() ?? []
    if (!name || !picture) return
    rmSync(world.path(name))
    world.drop(name)
    world.unsettled.add(picture)
  },
  bringBack(world) {
    const picture = world.chance.pick(world.gone.filter((each) => !world.unsettled.has(each)))
    if (!picture) return
    const name = world.newName()
    world.write(name, picture.bytes)
    world.files.set(name, picture)
    world.gone.splice(world.gone.indexOf(picture), 1)
    delete picture.before
    // It is another picture than what was made of it.
    for (const heir of world.pictures()) if (heir.before === picture) delete heir.before
    world.fresh.add(name)
    world.unsettled.add(picture)
  },
  swapNames(world) {
    const [first, second] = [world.settled(), world.settled()]
    if (!first || !second || first[1] === second[1]) return
    const [[a, pictureA], [b, pictureB]] = [first, second]
    const [bytesA, bytesB] = [readFileSync(world.path(a)), readFileSync(world.path(b))]
    world.write(a, bytesB)
    world.write(b, bytesA)
    world.files.set(a, pictureB).set(b, pictureA)
    world.unsettled.add(pictureA).add(pictureB)
  },
}

let fixture: EngineFixture
let library: OpenEngine
beforeEach(async () => {
  fixture = createEngineFixture()
  library = await fixture.open()
})
afterEach(() => fixture.remove())

/** The photo that lies at a place. */
const photoAt = (name: string): PhotoId | undefined => {
  const [directory = '', file = ''] = [dirname(name), name.split('/').at(-1)]
  const [root, ...inside] = directory.split('/')
  return library.db
    .prepare(
      `SELECT photo_id FROM file JOIN folder ON folder.id = folder_id
       WHERE path = ? AND directory = ? AND name = ? AND file.state = 'present'`,
    )
    .pluck()
    .get(join(fixture.photos, root ?? ''), inside.join('/'), file) as PhotoId | undefined
}

/** Says something of a photo that the library knows, in the window and in the model. */
async function decide(world: World): Promise<void> {
  const fresh = world.chance.next() < 0.3 ? world.chance.pick([...world.fresh]) : undefined
  const [name, picture] = fresh ? [fresh, world.files.get(fresh)] : (world.settled() ?? [])
  // What is fresh may not have been found yet, or have been read already.
  const id = name && photoAt(name)
  if (!id || !picture) return
  const target = { ids: [id] }
  // Of what is fresh nothing was said yet that could be taken back.
  if (world.chance.next() < 0.3) {
    picture.said.stars = fresh ? 1 + world.chance.below(5) : world.chance.below(6)
    await library.ask('ratePhotos', { target, stars: picture.said.stars })
    return
  }
  const tag = world.chance.pick(TAGS) ?? ''
  const verdicts = fresh ? (['yes', 'no'] as const) : (['yes', 'yes', 'no', 'none'] as const)
  const verdict = world.chance.pick<'yes' | 'no' | 'none'>(verdicts) ?? 'yes'
  const exists = library.db.prepare('SELECT 1 FROM tag WHERE name = ?').get(tag)
  if (verdict !== 'yes' && !exists) return
  if (verdict === 'none') picture.said.tags.delete(tag)
  else picture.said.tags.set(tag, verdict)
  await library.ask('tagPhotos', { target, tag: { name: tag }, verdict })
}

async function settle(world: World): Promise<void> {
  library.engine.scan()
  await library.engine.idle()
  world.unsettled.clear()
  world.fresh.clear()
}

const saidOf = ({ tags, stars }: PhotoDetail) => ({
  stars,
  tags: tags
    .filter(({ verdict, name }) => verdict !== null && TAGS.includes(name))
    .map(({ name, verdict }) => `${verdict} ${name}`)
    .sort(),
})

async function compare(world: World): Promise<void> {
  const ids = new Map<Picture, PhotoId>()
  for (const [name, picture] of world.files) {
    const id = photoAt(name)
    if (!id) throw new Error(`${name} is not in the library`)
    expect(ids.get(picture) ?? id, `${name} is one photo with its copies`).toBe(id)
    ids.set(picture, id)
    const detail = await library.ask('photoDetail', { id })
    if (!detail) throw new Error(`${name} has no photo`)
    const expected = {
      stars: picture.said.stars,
      tags: [...picture.said.tags].map(([tag, verdict]) => `${verdict} ${tag}`).sort(),
    }
    expect(saidOf(detail), name).toEqual(expected)
    expect(detail.state, name).toBe('ready')
    const shown = (await library.engine.hostHandlers.picture({ id } as never)) as { path: string }
    const size = isOnItsSide(readFileSync(shown.path)) ? [48, 64] : [64, 48]
    expect([detail.width, detail.height], name).toEqual(size)
  }
  expect(new Set(ids.values()).size).toBe(ids.size)
  expect(await library.ask('libraryStatus', {})).toMatchObject({
    ...{ files: world.files.size, photos: ids.size, classified: ids.size },
    ...{ quarantined: 0, pending: 0 },
  })
  expect(library.db.pragma('foreign_key_check')).toEqual([])
}

test.each([1, 2, 3])(
  `after ${OPERATIONS} random operations everything that was said is where it belongs (seed %d)`,
  async (seed) => {
    const world = new World(fixture.photos, seed)
    for (const folder of FOLDERS) mkdirSync(world.path(folder), { recursive: true })
    for (let made = 0; made < 12; made++) await operations.create?.(world)
    for (const root of ['one', 'two']) library.engine.indexFolder(world.path(root))
    await settle(world)
    const names = Object.keys(operations)
    let done = 0
    while (done < OPERATIONS) {
      const name = world.chance.pick(names) ?? ''
      if (world.files.size > 60 && (name === 'create' || name === 'copy')) continue
      await operations[name]?.(world)
      await decide(world)
      done++
      // Now and then the library looks, and the next operations come while it works.
      if (world.chance.next() < 0.3) library.engine.scan()
      if (world.chance.next() < 0.15) await settle(world)
      if (world.chance.next() < 0.1) {
        await settle(world)
        await compare(world)
      }
    }
    await settle(world)
    await compare(world)
    if (seed === 1) console.info(`${done} random operations survived of ${done}, 3 times.`)
  },
)
