import { expect, test } from 'vitest'
import { isSkippedDirectory, mayBePhoto } from '../../../main/engine/library/candidates.ts'

test.each([
  'a.jpg',
  'A.JPEG',
  'b.HeIc',
  'c.tif',
  'two.dots.png',
  'IMG_0001',
  'ünï.avif',
  'd.NEF',
  'e.cr3',
])('%s may be a photo', (name) => expect(mayBePhoto(name)).toBe(true))

test.each(['.hidden.jpg', '.DS_Store', 'a.txt', 'a.jpg.xmp', 'a.mp4', 'Thumbs.db', 'jpg.'])(
  '%s is none',
  (name) => expect(mayBePhoto(name)).toBe(false),
)

test.each([
  '.git',
  '.thumbnails',
  '$RECYCLE.BIN',
  'System Volume Information',
  '@eaDir',
  'node_modules',
])('the folder %s is skipped', (name) => expect(isSkippedDirectory(name)).toBe(true))

test.each(['2024', 'recycle', 'Photos of node_modules'])('the folder %s is not', (name) =>
  expect(isSkippedDirectory(name)).toBe(false),
)
