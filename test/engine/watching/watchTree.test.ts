/** @parcel/watcher, which watches on macOS and Windows. Its own way on Linux is good for flat folders. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { subscribe } from '@parcel/watcher'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Hint } from '../../../main/engine/watching/watchRoot.ts'
import { type Subscribe, watchTree } from '../../../main/engine/watching/watchTree.ts'
import { createEngineFixture } from '../../support/engineFixture.ts'
import { soon, watched } from '../../support/watching.ts'

let root: string
const hints: Hint[] = []
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'albumen-tree-')))
  hints.length = 0
})
afterEach(() => rmSync(root, { recursive: true }))

/** A subscription whose events a test makes. */
function handmade() {
  let callback: Parameters<Subscribe>[1] = () => {}
  let open = 0
  const subscribeByHand: Subscribe = async (_, given) => {
    callback = given
    open++
    return {
      async unsubscribe() {
        open--
        throw new Error('the drive is gone')
      },
    }
  }
  return {
    subscribe: subscribeByHand,
    tell: (...events: { path: string; type: 'create' | 'update' | 'delete' }[]) =>
      callback(null, events),
    fail: (message: string) => callback(new Error(message), []),
    open: () => open,
  }
}

describe('hints', () => {
  test('name the folder and what is in it, whether it is there or not', async () => {
    const { subscribe, tell } = handmade()
    await watchTree(subscribe)(root, (hint) => hints.push(hint))
    mkdirSync(join(root, 'sub', 'deep'), { recursive: true })
    await tell(
      { path: join(root, 'a.jpg'), type: 'create' },
      { path: join(root, 'sub', 'deep', 'b.jpg'), type: 'update' },
      { path: join(root, 'sub', 'gone', 'further', 'c.jpg'), type: 'delete' },
    )
    expect(hints).toEqual([
      { kind: 'touched', directory: '', name: 'a.jpg', entry: true },
      { kind: 'touched', directory: 'sub/deep', name: 'b.jpg', entry: false },
      { kind: 'touched', directory: 'sub', name: 'gone', entry: true },
    ])
  })

  test('of the root itself, or from elsewhere, are none', async () => {
    const { subscribe, tell } = handmade()
    await watchTree(subscribe)(root, (hint) => hints.push(hint))
    await tell({ path: root, type: 'delete' }, { path: join(root, '..', 'x'), type: 'create' })
    expect(hints).toEqual([])
  })

  test('of names that are no text are not guessed at', async () => {
    const { subscribe, tell } = handmade()
    await watchTree(subscribe)(root, (hint) => hints.push(hint))
    await tell({ path: join(root, '\ufffd.jpg'), type: 'create' })
    expect(hints).toMatchObject([{ kind: 'lost' }])
  })

  test('tell an overflow as the end, and closing a watch that cannot be closed does no harm', async () => {
    const { subscribe, fail, open } = handmade()
    const watch = await watchTree(subscribe)(root, (hint) => hints.push(hint))
    await fail('Buffer overflow. Some events may have been lost.')
    expect(hints).toMatchObject([{ kind: 'ended', reason: expect.stringContaining('overflow') }])
    watch.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(open()).toBe(0)
  })
})

test('with the real one, what comes, changes and goes shows by itself', async () => {
  const fixture = createEngineFixture()
  try {
    await fixture.picture('sub/a.jpg', 1)
    const library = await fixture.open(watched({ watchRoot: watchTree(subscribe) }))
    await library.index()
    await soon(library.names).toEqual(['a.jpg'])
    await soon(async () => (await library.ask('libraryStatus', {})).pending).toBe(0)
    const before = await library.detail('a.jpg')
    await fixture.picture('sub/b.jpg', 2)
    await fixture.picture('new/c.jpg', 3)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg', 'c.jpg'])
    await fixture.picture('sub/a.jpg', 4)
    await soon(async () => (await library.detail('a.jpg')).thumbnail).not.toBe(before.thumbnail)
    writeFileSync(join(fixture.photos, '.albumenignore'), 'b.jpg')
    await soon(library.names).toEqual(['a.jpg', 'c.jpg'])
    rmSync(join(fixture.photos, 'new'), { recursive: true })
    await soon(library.names).toEqual(['a.jpg'])
  } finally {
    fixture.remove()
  }
})
