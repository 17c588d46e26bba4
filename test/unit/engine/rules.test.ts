/** Rules in Git's syntax, compared with Git where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noRules, type Rules, readRules } from '../../../main/engine/library/rules.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'albumen-rules-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const hasGit = spawnSync('git', ['--version']).status === 0
if (!hasGit) console.warn('SKIPPED: there is no Git to compare with.')

const paths = [
  'a.jpg',
  'A.jpg',
  'keep.jpg',
  'drafts/a.jpg',
  'drafts/keep.jpg',
  'trips/2023/a.jpg',
  'trips/2023/drafts/a.jpg',
  'trips/2023/drafts/keep/b.jpg',
  'trips/2024/raw/a.nef',
  'trips/2024/raw/a.jpg',
  'trips [x]/#1.jpg',
  'trips [x]/!b.jpg',
  'trips [x]/ spaced .jpg',
  'trips [x]/drafts/a.jpg',
  'raw/trips/2023/a.jpg',
]

/** What the rules leave out, folder by folder as a scan asks. */
function leftOut(files: Record<string, string>): string[] {
  const visible = (path: string): boolean => {
    let rules: Rules = noRules
    const names = path.split('/')
    for (const [depth] of names.entries()) {
      const directory = names.slice(0, depth).join('/')
      const text = files[directory]
      if (text !== undefined) rules = rules.with(directory, text)
      const kind = depth === names.length - 1 ? 'file' : 'directory'
      if (rules.leavesOut(names.slice(0, depth + 1).join('/'), kind)) return false
    }
    return true
  }
  return paths.filter((path) => !visible(path))
}

function leftOutByGit(files: Record<string, string>): string[] {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), '')
  }
  for (const [directory, text] of Object.entries(files)) {
    writeFileSync(join(folder, directory, '.gitignore'), text)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'core.excludesFile=/dev/null', ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
  git('init', '-q')
  return git('ls-files', '-z', '--others', '--ignored', '--exclude-standard')
    .split('\0')
    .filter((path) => paths.includes(path))
    .sort()
}

const cases: [string, Record<string, string>][] = [
  ['a name at any depth', { '': 'a.jpg' }],
  ['a folder', { '': 'drafts/' }],
  ['a file called as a folder pattern', { '': 'a.jpg/' }],
  ['one beside the rules', { '': '/a.jpg\n/drafts' }],
  ['a path', { '': 'trips/2023' }],
  ['any depth in between', { '': 'trips/**/a.jpg' }],
  ['everything below', { '': 'trips/**' }],
  ['a wildcard and what it takes back', { '': '*.jpg\n!keep.jpg' }],
  ['what lies in a folder that is left out', { '': 'drafts/\n!keep.jpg' }],
  ['nearer rules that leave out', { 'trips/2023': 'a.jpg' }],
  ['nearer rules beside themselves', { 'trips/2023': '/a.jpg' }],
  ['nearer rules with a path', { trips: '2023/drafts/\n2024/raw/*.nef' }],
  ['nearer rules that take back', { '': 'a.jpg', 'trips/2023': '!a.jpg' }],
  ['nearer rules that take a folder back', { '': 'drafts', 'trips/2023': '!drafts' }],
  ['and leave a part of it out', { '': 'drafts', trips: '!drafts', 'trips/2023': 'drafts/keep' }],
  ['a folder whose name is a pattern', { 'trips [x]': '/drafts\n\\#1.jpg\n\\!b.jpg' }],
  ['comments, empty lines, spaces, Windows’ lines', { '': '# a.jpg\r\n\r\n  \r\nkeep.jpg  \r\n' }],
  ['a space that is meant', { '': ' spaced\\ .jpg\n\\ spaced .jpg' }],
  ['a slash alone', { '': '/', trips: '/\n//' }],
  ['ranges', { '': '[a-k]*.jpg\n!trips/202[4-9]/**' }],
]

describe.skipIf(!hasGit || process.platform !== 'linux')('rules leave out what Git would', () => {
  test.each(cases)('%s', (_, files) => {
    expect(leftOut(files).sort()).toEqual(leftOutByGit(files))
  })
})

describe('a file of rules', () => {
  const said: string[] = []
  const say = (sentence: string) => said.push(sentence)
  beforeEach(() => {
    said.length = 0
  })

  test('that is not there says nothing', () => {
    expect(readRules(join(folder, 'none'), say)).toBeNull()
    expect(said).toEqual([])
  })

  test.each([
    ['a folder', (path: string) => mkdirSync(path), 'no file'],
    ['huge', (path: string) => writeFileSync(path, 'a\n'.repeat(40_000)), 'larger than'],
  ])('that is %s is told and not followed', (_, make, reason) => {
    const path = join(folder, '.albumenignore')
    make(path)
    expect(readRules(path, say)).toBeNull()
    expect(said).toEqual([expect.stringContaining(reason)])
  })

  test('with a pattern that would take for ever is followed but for that', () => {
    const path = join(folder, '.albumenignore')
    const endless = `${'**/a/'.repeat(30)}b`
    writeFileSync(path, `${endless}\na.jpg\n`)
    const rules = noRules.with('', readRules(path, say) ?? '')
    expect(said).toEqual([expect.stringContaining('**')])
    expect(rules.leavesOut(`${'a/'.repeat(500)}c`, 'file')).toBe(false)
    expect(rules.leavesOut('a.jpg', 'file')).toBe(true)
  })

  test('goes on answering for more paths than are remembered', () => {
    const rules = noRules.with('', '*7.jpg')
    const out = Array.from({ length: 12_000 }, (_, index) =>
      rules.leavesOut(`${index}.jpg`, 'file'),
    )
    expect(out.filter(Boolean)).toHaveLength(1200)
  })
})
