import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findPhotos, spread } from '../../../../main/cli/evaluate/findPhotos.ts'
import { readLabels } from '../../../../main/cli/evaluate/labelsCsv.ts'
import { labelPhotos } from '../../../../main/cli/evaluate/truth.ts'
import { createVocabulary } from '../../../../models/evaluation/vocabulary.ts'
import { imagenet1kLabels, loadTaxonomy } from '../../../../models/taxonomy/taxonomy.ts'

const vocabulary = createVocabulary(loadTaxonomy(), imagenet1kLabels)
const { signal } = new AbortController()

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'albumen-truth-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text = ''): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** What each photo shows, by its path; `null`: nothing tells. */
async function truthOf(source = root): Promise<Record<string, string | null>> {
  const { photos, unlabelled } = labelPhotos(await findPhotos(source, signal), vocabulary)
  return Object.fromEntries([
    ...photos.map(({ path, meaning }) => [relative(root, path), meaning.name] as const),
    ...unlabelled.map((path) => [relative(root, path), null] as const),
  ])
}

describe('in a folder', () => {
  test('the nearest folder that is named by a class says what a photo shows', async () => {
    write('train/dogs/a.jpg')
    write('train/dogs/2023/b.jpg')
    write('train/dogs/n02099712/c.jpg')
    write('val/Golden_Retriever/d.PNG')
    expect(await truthOf()).toEqual({
      'train/dogs/a.jpg': 'dog',
      'train/dogs/2023/b.jpg': 'dog',
      'train/dogs/n02099712/c.jpg': 'Labrador retriever',
      'val/Golden_Retriever/d.PNG': 'golden retriever',
    })
  })

  test('a WordNet id at the beginning of the name says it, unless the folder is one', async () => {
    write('n01440764_tench.JPEG')
    write('some/where/n02123045-1.jpg')
    write('dog/n02123045-2.jpg')
    write('file/n01440764_10.jpg')
    write('n02084071/n02123045-3.jpg')
    expect(await truthOf()).toEqual({
      'n01440764_tench.JPEG': 'tench',
      'some/where/n02123045-1.jpg': 'tabby cat',
      'dog/n02123045-2.jpg': 'tabby cat',
      'file/n01440764_10.jpg': 'tench',
      'n02084071/n02123045-3.jpg': 'dog',
    })
  })

  test('the parts of a data set are no classes, also where "train" would be one', async () => {
    write('train/tabby/a.jpg')
    write('train/n02123045_b.jpg')
    write('train/c.jpg')
    write('dog/Test Set/d.jpg')
    write('tench/val2017/images/e.jpg')
    write('trains/f.jpg')
    expect(await truthOf()).toEqual({
      'train/tabby/a.jpg': 'tabby cat',
      'train/n02123045_b.jpg': 'tabby cat',
      'train/c.jpg': null,
      'dog/Test Set/d.jpg': 'dog',
      'tench/val2017/images/e.jpg': 'tench',
      'trains/f.jpg': 'train',
    })
  })

  test.each(['train', 'work', 'home', 'person', 'case', 'box', 'file', 'dog'])(
    'a folder that means nothing is told of below the folder "%s", too',
    async (above) => {
      write(`${above}/tabby/a.jpg`)
      write(`${above}/tabbi/b.jpg`)
      await expect(truthOf()).rejects.toThrow(
        `No class is called "tabbi" (in ${join(above, 'tabbi')}; did you mean "tabby"?): name a class`,
      )
    },
  )

  test('numbers name a class where nothing else does', async () => {
    write('images/7/a.jpg')
    await expect(truthOf()).rejects.toThrow(`No class is called "7" (in ${join('images', '7')})`)
  })

  test('a photo outside of any folder, whose name says nothing, is unlabelled', async () => {
    write('dog/a.jpg')
    write('contact sheet.jpg')
    expect(await truthOf()).toEqual({ 'dog/a.jpg': 'dog', 'contact sheet.jpg': null })
  })

  test('what indexing passes over is passed over, links to files are followed', async () => {
    const photo = write('dog/a.jpg')
    write('dog/.hidden.jpg')
    write('dog/notes.txt')
    write('dog/@eaDir/thumbnail.jpg')
    write('.cache/cat/b.jpg')
    symlinkSync(photo, join(root, 'dog/link.jpg'))
    symlinkSync(root, join(root, 'dog/circle'))
    expect(Object.keys(await truthOf())).toEqual(['dog/a.jpg', 'dog/link.jpg'])
  })

  test('a folder that means nothing is told, with what may be meant', async () => {
    write('dog/a.jpg')
    write('tabbi/b.jpg')
    write('tabbi/c.jpg')
    await expect(truthOf()).rejects.toThrow(
      /^No class is called "tabbi" \(in tabbi; did you mean "tabby"\?\): name a class/,
    )
  })

  test('of many such folders some are told, and how many more there are', async () => {
    for (let index = 1; index <= 8; index++) write(`qqqq${index}/a.jpg`)
    await expect(truthOf()).rejects.toThrow(/"qqqq1" \(in qqqq1\).*"qqqq5".* and 3 more: name/)
  })

  test('photos that nothing tells of at all are an error, as is a folder without photos', async () => {
    write('notes.txt')
    await expect(truthOf()).rejects.toThrow(/There are no photos in/)
    write('a.jpg')
    await expect(truthOf()).rejects.toThrow(/Nothing in .* says what its photos show: put them/)
  })

  test('that is not there, a sentence says what to give', async () => {
    await expect(findPhotos(join(root, 'nowhere'), signal)).rejects.toThrow(
      /nowhere is not there: give a folder/,
    )
  })
})

describe('a CSV', () => {
  test('names photos relative to itself, and their classes', async () => {
    const file = write(
      'lists/labels.csv',
      'class,path,remark\r\ndogs,a.jpg,\r\n"Labrador retriever","../b, c.jpg","says ""woof"""\r\n',
    )
    expect(await truthOf(file)).toEqual({
      'lists/a.jpg': 'dog',
      'b, c.jpg': 'Labrador retriever',
    })
  })

  test('with an unknown class is refused with the line', async () => {
    const file = write('labels.csv', 'path,class\na.jpg,dog\nb.jpg,dgo\n')
    await expect(truthOf(file)).rejects.toThrow('"dgo" (in line 3; did you mean "dog"?)')
  })

  test('that names a photo twice is refused with both lines', async () => {
    const file = write('labels.csv', 'path,class\na.jpg,dog\nb.jpg,cat\n./a.jpg,cat\n')
    await expect(truthOf(file)).rejects.toThrow(/Line 4 of .* again, which line 2 did/)
  })
})

describe('reading a CSV', () => {
  const rows = (text: string) => readLabels(text, 'labels.csv')

  test.each([
    ['LF', 'path,class\na.jpg,dog\n'],
    ['CRLF', 'path,class\r\na.jpg,dog\r\n'],
    ['no end of the last line', 'path,class\na.jpg,dog'],
    ['a byte order mark', '\ufeffpath,class\na.jpg,dog\n'],
    ['quotes everywhere', '"path","class"\n"a.jpg","dog"\n'],
    ['spaces and capitals in the header', ' Path , CLASS\na.jpg, dog \n'],
  ])('%s', (_, text) => expect(rows(text)).toEqual([{ path: 'a.jpg', word: 'dog', line: 2 }]))

  test('counts lines through blank ones and through line breaks in quotes', () => {
    expect(rows('path,class\n\n"a\nb.jpg",dog\nc.jpg,cat\n')).toEqual([
      { path: 'a\nb.jpg', word: 'dog', line: 3 },
      { path: 'c.jpg', word: 'cat', line: 5 },
    ])
  })

  test.each([
    ['', /lists no photos/],
    ['path,class\n', /lists no photos/],
    ['file,label\na.jpg,dog\n', /Line 1 of labels.csv must name the columns .* "file,label"/],
    ['\n\npath;class\na.jpg;dog\n', /Line 3 of labels.csv must name the columns/],
    ['path,class\na.jpg,dog\nb.jpg\n', /Line 3 of labels.csv has no class/],
    ['path,class\n,dog\n', /Line 2 of labels.csv has no path/],
    ['path,class\na.jpg,"dog\nb.jpg,cat\n', /Line 2 of labels.csv has a quote/],
    ['path,class\na.jpg,dog\nb"c.jpg,cat\n', /Line 3 of labels.csv has a quote/],
    ['path,class\n"a"b.jpg,cat\n', /Line 2 of labels.csv has a quote/],
  ])('%j is refused', (text, message) => expect(() => rows(text)).toThrow(message))
})

test('a limit takes photos evenly from the whole list', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 2, 5, 7])
  expect(spread([0, 1], 4)).toEqual([0, 1])
})
