/** Memory cards in a reader: every one is the same folder of the same device. */
import type { StatsFs } from 'node:fs'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createEngineFixture, type EngineFixture } from '../../support/engineFixture.ts'

/** What the system says of the file system that photos lie on. */
let fileSystem: number | null = null
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const statfsSync = (path: Parameters<typeof fs.statfsSync>[0]): StatsFs => {
    const found = fs.statfsSync(path)
    return fileSystem === null ? found : Object.assign(found, { type: fileSystem })
  }
  return { ...fs, statfsSync }
})

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => {
  fileSystem = null
  fixture.remove()
})

describe('other photos in the same folder', () => {
  test.each([
    ['FAT', 0x4d44, 'offline', 0],
    ['exFAT', 0x2011bab0, 'offline', 0],
    ['a file system of disks, ext4', 0xef53, 'online', 2],
  ])('on %s', async (_name, type, state, missing) => {
    fileSystem = type
    await fixture.picture('DCIM/1.jpg', 1)
    await fixture.picture('DCIM/2.jpg', 2)
    const library = await fixture.open()
    await library.index()
    for (const name of readdirSync(join(fixture.photos, 'DCIM'))) {
      rmSync(join(fixture.photos, 'DCIM', name))
    }
    await fixture.picture('DCIM/3.jpg', 3)
    await library.rescan()
    expect(await library.ask('listFolders', {})).toMatchObject([{ state }])
    expect(await library.ask('missingPhotos', { offset: 0, limit: 9 })).toMatchObject({
      count: missing,
    })
  })
})
