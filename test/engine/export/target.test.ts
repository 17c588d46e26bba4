import { readdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFixture, type Fixture, names } from '../../support/exportFixture.ts'
import { mountMemory, mountsMemory, unmount } from '../../support/memoryDisk.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = createFixture()
})
afterEach(() => fixture.remove())

const kinds = ['copies', 'zip', 'csv', 'jsonl'] as const

describe.each(kinds)('an export as %s', (as) => {
  test('refuses a target whose parent cannot be reached', async () => {
    const to = join(fixture.out, 'drive', 'export')
    await expect(fixture.run([fixture.photo('a.jpg', [])], { as, to })).rejects.toMatchObject({
      name: 'UserError',
      code: 'target-unreachable',
      message: expect.stringContaining(join(fixture.out, 'drive')),
    })
    expect(readdirSync(fixture.out)).toEqual([])
  })

  test('refuses a target that is a file of another kind', async () => {
    const to = join(fixture.out, 'notes.txt')
    writeFileSync(to, 'notes')
    await expect(fixture.run([fixture.photo('a.jpg', [])], { as, to })).rejects.toMatchObject({
      code: 'target-is-file',
    })
    expect(readdirSync(fixture.out)).toEqual(['notes.txt'])
  })

  test('makes a folder that is not there', async () => {
    const to = join(fixture.out, 'new')
    const report = await fixture.run([fixture.photo('a.jpg', [])], { as, to })
    expect(report.manifest.startsWith(to)).toBe(true)
    expect(readdirSync(to).some((name) => name.includes('.partial'))).toBe(false)
  })

  test('that was cancelled before it began touches nothing', async () => {
    const to = join(fixture.out, 'new')
    const signal = AbortSignal.abort(new Error('cancelled by the test'))
    await expect(fixture.run([], { as, to, signal })).rejects.toThrow('cancelled by the test')
    expect(readdirSync(fixture.out)).toEqual([])
  })
})

test.each(['copies', 'zip'] as const)('%s beyond the room there is are refused', async (as) => {
  const { out, photo, run } = fixture
  const huge = { ...photo('a.jpg', ['dog']), size: 2 ** 50 }
  await expect(run([huge], { as })).rejects.toMatchObject({
    code: 'no-room',
    message: expect.stringMatching(/needs 1,125,\d{3},\d{3} MB/),
  })
  expect(names(out)).toEqual([])
})

describe.skipIf(!mountsMemory)('on a disk of its own', () => {
  let disk: string
  beforeEach(() => {
    disk = join(fixture.out, 'disk')
  })
  afterEach(() => unmount(disk))

  test.each(kinds)('%s are refused where nothing may be written', async (as) => {
    mountMemory(disk, 'ro')
    await expect(fixture.run([fixture.photo('a.jpg', [])], { as, to: disk })).rejects.toMatchObject(
      { code: 'target-not-writable', message: expect.stringContaining(disk) },
    )
  })

  test.each(kinds)(
    '%s stop with a sentence when it becomes full, and free it again',
    async (as) => {
      mountMemory(disk, 'size=1m')
      const text = 'long '.repeat(20_000)
      const photos = Array.from({ length: 8 }, (_, index) => ({
        ...fixture.photo(`${index}.jpg`, ['dog'], `${index}${text}`),
        camera: text,
      }))
      const free = statfsSync(disk).bavail
      const fill = ({ done }: { done: number }) => {
        if (done === 0) writeFileSync(join(disk, 'other'), Buffer.alloc(900_000))
      }
      const exporting = fixture.run(photos, { as, to: disk, onProgress: fill })
      await expect(exporting).rejects.toMatchObject({
        code: 'no-room',
        message: expect.stringContaining(disk),
      })
      expect(names(disk)).toEqual(['other'])
      expect(free - statfsSync(disk).bavail).toBe(Math.ceil(900_000 / statfsSync(disk).bsize))
    },
  )
})
