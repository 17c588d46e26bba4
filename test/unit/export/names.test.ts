import { describe, expect, test } from 'vitest'
import {
  nameKey,
  numberedFile,
  safeFileName,
  safeFolderName,
} from '../../../main/engine/export/names.ts'

describe('a file name', () => {
  test.each([
    'IMG_0001.JPG',
    'a b (2).jpg',
    'Strand ä.heic',
    '写真.jpg',
    '.hidden.jpg',
    'console.jpg',
  ])('that every system takes is kept: %s', (name) => expect(safeFileName(name)).toBe(name))

  test.each([
    ['a:b*c?.jpg', 'a_b_c_.jpg'],
    ['a\nb.jpg', 'a_b.jpg'],
    ['nul', 'nul_'],
    ['Com1.tar.gz', 'Com1_.tar.gz'],
    ['LPT².txt', 'LPT²_.txt'],
    ['a.jpg. ', 'a.jpg'],
    ['...', '_'],
    ['', '_'],
    ['\ud800.jpg', '\ufffd.jpg'],
  ])('that some system refuses is changed: %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe)
  })

  test('that is too long is cut between characters and keeps its extension', () => {
    const name = safeFileName(`${'é'.repeat(200)}.jpeg`)
    expect(name).toBe(`${'é'.repeat(125)}.jpeg`)
    expect(Buffer.byteLength(name)).toBe(255)
  })
})

describe('a folder name', () => {
  test.each([
    ['golden retriever', 'golden retriever'],
    ['.', '_'],
    ['..', '_'],
    ['../../etc', '__.._etc'],
    ['/etc/passwd', '_etc_passwd'],
    ['C:\\Windows', 'C__Windows'],
    ['  St. Bernard. ', 'St. Bernard'],
    ['aux', 'aux_'],
    ['e\u0301', 'é'],
    ['', '_'],
  ])('of the tag %j is %j', (tag, name) => expect(safeFolderName(tag)).toBe(name))

  test('leaves room below it', () => {
    expect(Buffer.byteLength(safeFolderName('長'.repeat(100)))).toBe(120)
  })
})

test('names that some system takes for one have one key', () => {
  expect(nameKey('É.JPG')).toBe(nameKey('e\u0301.jpg'))
  expect(nameKey('STRASSE')).toBe(nameKey('straße'))
  expect(nameKey('a.jpg')).not.toBe(nameKey('b.jpg'))
})

test('a number goes before the extension, and within what a name may be long', () => {
  expect(numberedFile('a.jpg', 1)).toBe('a.jpg')
  expect(numberedFile('a.b.jpg', 12)).toBe('a.b (12).jpg')
  expect(numberedFile('a', 2)).toBe('a (2)')
  expect(Buffer.byteLength(numberedFile(`${'x'.repeat(251)}.jpg`, 1000))).toBe(255)
})
