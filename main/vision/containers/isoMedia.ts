/** The structure of HEIF, AVIF and CR3 files (ISO/IEC 14496-12 and 23008-12: boxes and items). */
import type { ImagePart } from './imagePart.ts'

interface Box {
  type: string
  /** Without its header. */
  data: Buffer
}

/** Throws RangeError for a box that does not fit. */
function* boxesIn(data: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= data.length; ) {
    const short = data.readUInt32BE(at)
    const header = short === 1 ? 16 : 8
    const size = short === 1 ? Number(data.readBigUInt64BE(at + 8)) : short || data.length - at
    if (size < header || at + size > data.length) throw new RangeError('a box does not fit')
    const type = data.toString('latin1', at + 4, at + 8)
    yield { type, data: data.subarray(at + header, at + size) }
    at += size
  }
}

export function findBox(data: Buffer, type: string): Buffer | null {
  for (const box of boxesIn(data)) if (box.type === type) return box.data
  return null
}

/** Reads big-endian numbers one after the other. Throws RangeError behind the end. */
function reader(data: Buffer) {
  let at = 0
  return {
    /** `bytes`: 0 reads nothing and gives 0. */
    number(bytes: number): number {
      const start = at
      at += bytes
      if (bytes === 8) return Number(data.readBigUInt64BE(start))
      return bytes === 0 ? 0 : data.readUIntBE(start, bytes)
    },
    text(bytes: number): string {
      at += bytes
      if (at > data.length) throw new RangeError('the box ends early')
      return data.toString('latin1', at - bytes, at)
    },
    skip(bytes: number): void {
      at += bytes
    },
  }
}

/** `version` and flags begin a box of this kind (14496-12, 4.2). */
function fullReader(data: Buffer) {
  const read = reader(data)
  const version = read.number(1)
  return { ...read, version, flags: read.number(3) }
}

/** A piece of an item: where in the file, or in the box that holds items. */
interface Extent {
  within: Buffer
  start: number
  end: number
}

export interface Item {
  id: number
  type: string
  extents: Extent[]
  properties: Box[]
  /** Items that it is put together from, such as the tiles of a grid. */
  sources: number[]
}

export interface Items {
  primary: Item | undefined
  all: Map<number, Item>
}

/** `null` for a file without items. Throws RangeError for damaged structure. */
export function readItems(file: Buffer): Items | null {
  const meta = findBox(file, 'meta')?.subarray(4)
  if (!meta) return null
  const boxes = new Map<string, Buffer>()
  for (const { type, data } of boxesIn(meta)) boxes.set(type, data)
  const box = (type: string) => boxes.get(type) ?? Buffer.alloc(0)

  const all = new Map<number, Item>()
  for (const { id, type } of itemTypes(box('iinf'))) {
    all.set(id, { id, type, extents: [], properties: [], sources: [] })
  }
  for (const { id, extents } of itemLocations(file, box('iloc'), box('idat'))) {
    all.get(id)?.extents.push(...extents)
  }
  for (const { id, properties } of itemProperties(box('iprp'))) {
    all.get(id)?.properties.push(...properties)
  }
  for (const { id, sources } of derivations(box('iref'))) all.get(id)?.sources.push(...sources)
  return { primary: all.get(primaryId(box('pitm'))), all }
}

/** Whether all of an item is in the file. */
export const isWhole = (item: Item | undefined): boolean =>
  item?.extents.every(({ within, end }) => end <= within.length) ?? false

function primaryId(data: Buffer): number {
  if (data.length === 0) return -1
  const read = fullReader(data)
  return read.number(read.version === 0 ? 2 : 4)
}

/** iinf and infe: 14496-12, 8.11.6. */
function* itemTypes(data: Buffer): Generator<{ id: number; type: string }> {
  if (data.length === 0) return
  const countBytes = data.readUInt8(0) === 0 ? 2 : 4
  for (const box of boxesIn(data.subarray(4 + countBytes))) {
    if (box.type !== 'infe') continue
    const read = fullReader(box.data)
    // Types came with version 2.
    if (read.version < 2) continue
    const id = read.number(read.version === 2 ? 2 : 4)
    read.skip(2)
    yield { id, type: read.text(4) }
  }
}

/** iloc: 14496-12, 8.11.3. `itemData`: where items of construction method 1 lie. */
function* itemLocations(
  file: Buffer,
  data: Buffer,
  itemData: Buffer,
): Generator<{ id: number; extents: Extent[] }> {
  if (data.length === 0) return
  const read = fullReader(data)
  const { version } = read
  const sizes = read.number(2)
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15]
  const indexBytes = version === 0 ? 0 : sizes & 15
  const idBytes = version < 2 ? 2 : 4
  const items = read.number(idBytes)
  for (let item = 0; item < items; item++) {
    const id = read.number(idBytes)
    const method = version === 0 ? 0 : read.number(2) & 15
    if (method > 1) throw new RangeError('an item lies in other items')
    const within = method === 1 ? itemData : file
    read.skip(2)
    const base = read.number(baseBytes)
    const count = read.number(2)
    if (count > 1 && offsetBytes + lengthBytes === 0) throw new RangeError('extents without places')
    const extents = Array.from({ length: count }, () => {
      read.skip(indexBytes)
      const start = base + read.number(offsetBytes)
      const length = read.number(lengthBytes)
      // 0 is the whole of it.
      return { within, start, end: length === 0 ? within.length : start + length }
    })
    yield { id, extents }
  }
}

/** ipco and ipma: 23008-12, 9.3. */
function* itemProperties(data: Buffer): Generator<{ id: number; properties: Box[] }> {
  const all = [...boxesIn(findBox(data, 'ipco') ?? Buffer.alloc(0))]
  for (const box of boxesIn(data)) {
    if (box.type !== 'ipma') continue
    const read = fullReader(box.data)
    const items = read.number(4)
    for (let item = 0; item < items; item++) {
      const id = read.number(read.version < 1 ? 2 : 4)
      const properties = Array.from({ length: read.number(1) }, () => {
        // The first bit says whether a reader must understand it.
        const index = read.flags & 1 ? read.number(2) & 0x7fff : read.number(1) & 0x7f
        return all[index - 1]
      })
      yield { id, properties: properties.filter((property) => property !== undefined) }
    }
  }
}

/** iref's dimg: 14496-12, 8.11.12; 23008-12, 6.4.1. */
function* derivations(data: Buffer): Generator<{ id: number; sources: number[] }> {
  if (data.length === 0) return
  const idBytes = data.readUInt8(0) === 0 ? 2 : 4
  for (const box of boxesIn(data.subarray(4))) {
    if (box.type !== 'dimg') continue
    const read = reader(box.data)
    const id = read.number(idBytes)
    const sources = Array.from({ length: read.number(2) }, () => read.number(idBytes))
    yield { id, sources }
  }
}

/** Items that only describe; `uri ` can be anything that is no picture. */
const DESCRIBING_ITEMS = new Set(['Exif', 'mime', 'uri '])

/** What the pixels are decoded by; how the picture is turned, and by which profile it is shown, is not. */
const CODING_PROPERTIES = new Set(
  'ispe pixi clap auxC hvcC av1C avcC vvcC j2kH jpgC uncC cmpd cmpC icef lsel a1op a1lx'.split(' '),
)

/** The coded pictures, in the order of their ids. Throws RangeError for damaged structure. */
export function heifImageData(file: Buffer): ImagePart[] | null {
  const items = readItems(file)
  if (!items) return null
  const coded = [...items.all.values()]
    .filter(({ type }) => !DESCRIBING_ITEMS.has(type))
    .sort((one, other) => one.id - other.id)
  return coded.flatMap(({ type, extents, properties, sources }) => {
    const coding = properties.filter(({ type }) => CODING_PROPERTIES.has(type))
    return [
      ...coding.map((property) => ({ name: property.type, data: [property.data] })),
      { name: JSON.stringify([type, sources.length]), data: extents.map(bytesOf) },
    ]
  })
}

function bytesOf({ within, start, end }: Extent): Buffer {
  if (end > within.length) throw new RangeError('an item ends behind the file')
  return within.subarray(start, end)
}
