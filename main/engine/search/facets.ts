import type { Facet } from '../../../contract/domain.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import type { TagRow } from '../db/tags.ts'
import { has, type PhotoIds, setLength, setOf } from './photoSet.ts'

/** A class and the photos that have its tag. */
export interface TaggedClass extends TagRow {
  /** No model knows it: a person made it. */
  own: boolean
  photos: PhotoIds
}

/**
 * The classes on the photos of a result and the categories above them, each with how many of the
 * photos a search for it would leave. Most photos first on every level; a category that says no more
 * than the only one below it is left out.
 */
export function facetsOf(
  result: PhotoIds,
  classes: readonly TaggedClass[],
  taxonomy: Taxonomy,
): Facet[] {
  const tree = treeOf(classesOn(result, classes), taxonomy)
  const count = distinctCounter(32 * setLength(result))
  const build = (keys: readonly string[]): Facet[] =>
    keys
      .map((key) => facet(key))
      .sort((a, b) => b.count - a.count || collator.compare(a.name, b.name))
  const facet = (key: string): Facet => {
    const node = tree.nodes.get(key)
    const children = build(node?.children ?? [])
    const total = count(node?.photos ?? [])
    const [only] = children
    if (only && children.length === 1 && only.count === total) return only
    const { name = key, own = false } = node ?? {}
    return { wnid: key, name, own, count: total, children }
  }
  return build(tree.top)
}

function classesOn(result: PhotoIds, classes: readonly TaggedClass[]): TaggedClass[] {
  const set = setOf(setLength(result), [result])
  return classes
    .map((each) => ({ ...each, photos: each.photos.filter((id) => has(set, id)) }))
    .filter(({ photos }) => photos.length > 0)
}

interface Node {
  name: string
  own: boolean
  children: string[]
  /** Of every class that is this or below it in WordNet: what a search for it finds. */
  photos: PhotoIds[]
}

/** A class that WordNet does not know gets a key that is no WordNet id. */
const keyOf = ({ id, wnid }: TagRow) => wnid ?? `class-${id}`

function treeOf(classes: readonly TaggedClass[], taxonomy: Taxonomy) {
  const nodes = new Map<string, Node>()
  const top: string[] = []
  const add = (key: string, name: string, own = false): void => {
    if (nodes.has(key)) return
    nodes.set(key, { name, own, children: [], photos: [] })
    const category = taxonomy.category(key)
    if (category === null) top.push(key)
    else {
      add(category, taxonomy.synset(category)?.name ?? category)
      nodes.get(category)?.children.push(key)
    }
  }
  // First the classes, so that one which is also a category goes by the model's name for it.
  for (const each of classes) add(keyOf(each), each.name, each.own)
  for (const each of classes) {
    const key = keyOf(each)
    for (const above of [key, ...taxonomy.ancestors(key)])
      nodes.get(above)?.photos.push(each.photos)
  }
  return { nodes, top }
}

/** Counts the photos of several lists, each photo once. */
function distinctCounter(idsBelow: number): (lists: readonly PhotoIds[]) => number {
  const seenIn = new Int32Array(idsBelow)
  let round = 0
  return (lists) => {
    if (lists.length === 1) return lists[0]?.length ?? 0
    round += 1
    let count = 0
    for (const list of lists) {
      for (const id of list) {
        if (seenIn[id] === round) continue
        seenIn[id] = round
        count += 1
      }
    }
    return count
  }
}

const collator = new Intl.Collator('en')
