/** Broken and hostile files, through the engine and a vision process of its own. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { processEntry } from '../../main/processes/entries.ts'
import { forkVision } from '../../main/processes/vision.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'

const folder = join(sharedPhotos, 'damaged')

describe.skipIf(!hasShared)('damaged and hostile files', () => {
  let fixture: EngineFixture
  let library: OpenEngine
  let before: string
  beforeAll(async () => {
    before = fingerprint()
    fixture = createEngineFixture()
    library = await fixture.open({ startVision: forkVision(processEntry('vision'), () => {}) })
    await library.index(folder)
  })
  afterAll(() => fixture?.remove())

  const fingerprint = () => {
    const hash = createHash('sha256')
    for (const name of readdirSync(folder))
      hash.update(name).update(readFileSync(join(folder, name)))
    return hash.digest('hex')
  }

  test('all end as photos or in quarantine with a reason, and the queue drains', async () => {
    const files = readdirSync(folder).length
    const status = await library.ask('libraryStatus', {})
    const quarantined = await library.ask('quarantined', { offset: 0, limit: 1000 })
    console.info(
      `${files} damaged files: ${status.classified} photos, ${quarantined.length} quarantined.`,
    )
    expect(status).toMatchObject({ files, pending: 0, quarantined: quarantined.length })
    expect(status.classified + quarantined.length).toBe(status.photos)
    for (const { code, reason } of quarantined) {
      const codes = ['damaged', 'not-a-photo', 'unsupported-format', 'too-many-pixels']
      expect(codes).toContain(code)
      expect(reason).toMatch(/^[A-Z].+\.$/)
    }
    expect(library.engine.jobs()).toMatchObject({ state: 'idle', problem: null })
  })

  test('those that are only odd are photos with a thumbnail and tags', async () => {
    for (const name of ['corpus-video-001.png', 'mopt-31.tif', 'giflib-treescap-interlaced.gif']) {
      const { state, thumbnail, tags } = await library.detail(name)
      expect({ state, tags: tags.length }).toEqual({ state: 'ready', tags: 5 })
      expect(thumbnail).not.toBeNull()
    }
  })

  test('end no process', () => {
    expect(library.log.filter((line) => line.includes('stopped'))).toEqual([])
    // Each was asked for once: nobody had to be tried again.
    expect(library.looks).toHaveLength(new Set(library.looks).size)
  })

  test('stay as they were', () => {
    expect(fingerprint()).toBe(before)
  })
})
