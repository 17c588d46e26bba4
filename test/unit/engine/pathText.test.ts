import { describe, expect, test } from 'vitest'
import { nearestText, openable, textOfPath, withoutStandIns } from '../../../main/rpc/pathText.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

describe('a path as text', () => {
  test('is the text that its bytes are, wherever they are any', () => {
    for (const name of [
      'plain.jpg',
      'Zürich 写真 👩‍👩‍👧.jpg',
      '\ufffd.jpg',
      'line\nbreak',
      '\u202e',
    ]) {
      expect(textOfPath(Buffer.from(name))).toBe(name)
      expect(openable(name)).toBe(name)
    }
  })

  test('gives back every byte', () => {
    const all = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))
    for (let length = 1; length <= 6; length++) {
      for (let from = 0; from + length <= all.length; from++) {
        const bytes = Buffer.concat([Buffer.from('é/'), all.subarray(from, from + length)])
        expect(Buffer.from(openable(textOfPath(bytes)))).toEqual(bytes)
      }
    }
  })

  test.each([
    ['cut off', Buffer.from([0xf0, 0x9f, 0x98])],
    ['overlong', Buffer.from([0xc0, 0xaf])],
    ['half a pair of surrogates', Buffer.from([0xed, 0xa0, 0x80])],
    ['beyond Unicode', Buffer.from([0xf4, 0x90, 0x80, 0x80])],
    ['a character of its own', Buffer.from('\uefe9')],
    ['a character of its own beside a byte', Buffer.concat([Buffer.from('\uefe9'), latin1('é')])],
  ])('gives back what is no UTF-8, or could be taken for it: %s', (_, bytes) => {
    const text = textOfPath(bytes)
    expect(text).not.toContain('\ufffd')
    expect(Buffer.from(text).toString()).toBe(text)
    expect(openable(text)).toEqual(bytes)
  })

  test('differs wherever bytes differ', () => {
    const names = [
      latin1('é'),
      latin1('è'),
      Buffer.from('é'),
      Buffer.from('\uefe9'),
      Buffer.from('�'),
    ]
    expect(new Set(names.map(textOfPath)).size).toBe(names.length)
  })

  test('can be shown and used as a name without what is no text', () => {
    expect(withoutStandIns(textOfPath(latin1('Zürich.jpg')))).toBe('Z\ufffdrich.jpg')
  })

  test('leads to the nearest folder that is text throughout', () => {
    const folder = textOfPath(latin1('Fotos für später'))
    expect(nearestText(`/photos/2023/${folder}/a.jpg`)).toBe('/photos/2023')
    expect(nearestText('/photos/a.jpg')).toBe('/photos/a.jpg')
  })
})
