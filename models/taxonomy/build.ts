/**
 * @file Writes wordnet.json, run by hand: node models/taxonomy/build.ts [folder of WordNet 3.0].
 *
 * ImageNet's class ids are offsets into WordNet 3.0 and no other version. Debian ships that version:
 * `apt-get install wordnet-base` puts it into /usr/share/wordnet. Formats: wndb(5WN).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import everyday from './everyday.json' with { type: 'json' }
import imagenet1k from './imagenet1k.json' with { type: 'json' }

interface Noun {
  names: string[]
  parents: string[]
}

const namesForPeople: Record<string, string> = everyday.names
const alsoCalled: Record<string, string[]> = everyday.alsoCalled

function readNouns(folder: string): Map<string, Noun> {
  const nouns = new Map<string, Noun>()
  for (const line of readFileSync(join(folder, 'data.noun'), 'utf8').split('\n')) {
    // The licence heads the file, indented.
    if (!/^\d/.test(line)) continue
    const fields = (line.split('|')[0] ?? '').trim().split(' ')
    const nameCount = Number.parseInt(fields[3] ?? '', 16)
    const names = Array.from({ length: nameCount }, (_, i) => fields[4 + 2 * i] ?? '')
    const pointers = fields.slice(5 + 2 * nameCount)
    const parents: string[] = []
    for (let i = 0; i + 3 < pointers.length; i += 4) {
      const [symbol, offset, part] = pointers.slice(i, i + 3)
      if ((symbol === '@' || symbol === '@i') && part === 'n') parents.push(`n${offset}`)
    }
    nouns.set(`n${fields[0]}`, { names: names.map((name) => name.replaceAll('_', ' ')), parents })
  }
  return nouns
}

/** People expect links that WordNet lacks, and not to find some that it has: see everyday.json. */
function relink(nouns: Map<string, Noun>): void {
  for (const { from, to } of everyday.links.add) noun(nouns, from).parents.push(to)
  for (const { from, to } of everyday.links.drop) {
    const child = noun(nouns, from)
    if (!child.parents.includes(to)) throw new Error(`${from} is not below ${to}`)
    child.parents = child.parents.filter((parent) => parent !== to)
  }
}

function noun(nouns: Map<string, Noun>, wnid: string): Noun {
  const found = nouns.get(wnid)
  if (!found) throw new Error(`${wnid} is no noun of this WordNet: is it version 3.0?`)
  return found
}

/** The synsets wanted and everything above them, in the order of their ids. */
function withAncestors(nouns: Map<string, Noun>, wanted: Iterable<string>): string[] {
  const found = new Set(wanted)
  for (const wnid of found) for (const parent of noun(nouns, wnid).parents) found.add(parent)
  return [...found].sort()
}

function toRow(nouns: Map<string, Noun>, wnid: string, name: string): string[] {
  const { names, parents } = noun(nouns, wnid)
  const given = [name, ...(alsoCalled[wnid] ?? [])]
  const others = names.filter((other) => !given.includes(other))
  return [wnid, parents.join(' '), given.join('|'), ...others]
}

/**
 * One name for each synset. What a person clicks on must mean one thing: two shown synsets of one
 * name are an error to be settled in everyday.json; one that is never shown gives way.
 */
function chooseNames(nouns: Map<string, Noun>, wnids: string[], shown: Set<string>) {
  const chosen = new Map<string, string>()
  const owners = new Map<string, string>()
  const clashes: string[] = []
  for (const wnid of wnids.filter((wnid) => shown.has(wnid))) {
    const name = namesForPeople[wnid] ?? noun(nouns, wnid).names[0] ?? wnid
    const owner = owners.get(name.toLowerCase())
    if (owner) clashes.push(`${owner} and ${wnid} are both called "${name}"`)
    owners.set(name.toLowerCase(), wnid)
    chosen.set(wnid, name)
  }
  if (clashes.length > 0) throw new Error(clashes.join('\n'))
  for (const wnid of wnids.filter((wnid) => !shown.has(wnid))) {
    const { names, parents } = noun(nouns, wnid)
    const [parent = ''] = parents.flatMap((parent) => noun(nouns, parent).names)
    const candidates = [namesForPeople[wnid] ?? names[0] ?? wnid, ...names]
    const free = candidates.find((name) => !owners.has(name.toLowerCase()))
    chosen.set(wnid, free ?? `${names[0]} (${parent})`)
  }
  return chosen
}

/** Irregular plurals (`noun.exc`: one plural and its singulars a line) of words in our names. */
function irregularPlurals(folder: string, rows: string[][]): Record<string, string> {
  const words = new Set<string>()
  for (const names of rows.map((row) => row.slice(2)))
    for (const name of names.flatMap((name) => name.split('|')))
      words.add(name.toLowerCase().split(' ').at(-1) ?? '')
  const plurals: Record<string, string> = {}
  for (const line of readFileSync(join(folder, 'noun.exc'), 'utf8').split('\n')) {
    const [plural, singular] = line.split(' ')
    if (plural && singular && plural !== singular && words.has(singular)) plurals[plural] = singular
  }
  return plurals
}

function build(folder: string): void {
  const nouns = readNouns(folder)
  relink(nouns)
  const categories = Object.keys(everyday.categories)
  const extra = Object.keys(everyday.extraSynsets)
  const shown = new Set([...imagenet1k, ...extra, ...categories])
  const wnids = withAncestors(nouns, shown)
  const names = chooseNames(nouns, wnids, shown)
  const rows = wnids.map((wnid) => toRow(nouns, wnid, names.get(wnid) ?? wnid))
  const plurals = JSON.stringify(irregularPlurals(folder, rows))
  const text = `{
"source": "WordNet 3.0, Princeton University (licence: LICENSE-wordnet.txt); names for people: everyday.json; made by build.ts",
"row": "[synset id, ids of its parents, what people call it (the first is shown), its other names in WordNet...]",
"categories": ${JSON.stringify(categories.join(' '))},
"roots": ${JSON.stringify(everyday.roots.join(' '))},
"plurals": ${plurals},
"synsets": [
${rows.map((row) => JSON.stringify(row)).join(',\n')}
]
}
`
  writeFileSync(join(import.meta.dirname, 'wordnet.json'), text)
  console.log(`${rows.length} synsets, ${text.length} bytes`)
}

build(process.argv[2] ?? '/usr/share/wordnet')
