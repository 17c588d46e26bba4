import { describe, expect, test, vi } from 'vitest'
import { UserError } from '../../../contract/errors.ts'
import type { InstalledModel, ModelProgress } from '../../../contract/models.ts'
import { formatTransfer } from '../../../renderer/settings/modelFormat.ts'
import { createTransfers } from '../../../renderer/settings/transfers.ts'

const model = { id: 'small', name: 'Small' } as InstalledModel
const progress: ModelProgress = {
  ...{ phase: 'receiving', received: 12_300_000, total: 25_800_000, perSecond: 4_100_000 },
}

/** A model that comes, or does not, when the test says so. */
function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<InstalledModel>()
  let tell: (progress: ModelProgress) => void = () => {}
  const run = vi.fn((options: { signal?: AbortSignal; onProgress?: typeof tell }) => {
    tell = options.onProgress ?? tell
    options.signal?.addEventListener('abort', () =>
      reject(new UserError('cancelled', 'Cancelled.')),
    )
    return promise
  })
  return { run, resolve, reject, tell: (step: ModelProgress) => tell(step) }
}

function opened() {
  const onArrived = vi.fn()
  const onEnded = vi.fn()
  const transfers = createTransfers({ onArrived, onEnded })
  return { transfers, onArrived, onEnded, state: () => transfers.current().get('small') }
}

describe('a transfer', () => {
  test('tells how far it is, and is gone when the model is here', async () => {
    const { transfers, onArrived, onEnded, state } = opened()
    const heard = vi.fn()
    const stop = transfers.subscribe(heard)
    const { run, resolve, tell } = pending()
    transfers.start('small', run)
    expect(state()).toEqual({ state: 'running', progress: null })
    tell(progress)
    expect(state()).toEqual({ state: 'running', progress })
    resolve(model)
    await vi.waitFor(() => expect(onEnded).toHaveBeenCalledOnce())
    expect(onArrived).toHaveBeenCalledWith(model)
    expect(state()).toBeUndefined()
    expect(heard).toHaveBeenCalledTimes(3)
    stop()
    transfers.start('small', pending().run)
    expect(heard).toHaveBeenCalledTimes(3)
  })

  test('is not begun twice', () => {
    const { transfers } = opened()
    const { run } = pending()
    transfers.start('small', run)
    transfers.start('small', run)
    expect(run).toHaveBeenCalledOnce()
  })

  test('that failed says why until it is begun again or put away', async () => {
    const { transfers, onArrived, onEnded, state } = opened()
    const first = pending()
    transfers.start('small', first.run)
    first.reject(new UserError('download-lost', 'Check the connection.'))
    await vi.waitFor(() => expect(onEnded).toHaveBeenCalled())
    expect(state()).toMatchObject({ state: 'failed', error: { message: 'Check the connection.' } })
    transfers.start('small', pending().run)
    expect(state()).toMatchObject({ state: 'running' })
    expect(onArrived).not.toHaveBeenCalled()
  })

  test('that is cancelled leaves no word', async () => {
    const { transfers, onEnded, state } = opened()
    transfers.start('small', pending().run)
    transfers.cancel('small')
    await vi.waitFor(() => expect(onEnded).toHaveBeenCalled())
    expect(state()).toBeUndefined()
  })
})

describe('how far it is, in words', () => {
  test.each([
    [null, 'Connecting…'],
    [progress, '12.3 MB of 25.8 MB · 4.1 MB/s · 3 s left'],
    [{ ...progress, total: null }, '12.3 MB · 4.1 MB/s'],
    [{ ...progress, perSecond: 0 }, '12.3 MB of 25.8 MB'],
    [{ ...progress, phase: 'waiting' as const }, 'No connection, trying again…'],
    [{ ...progress, phase: 'verifying' as const }, 'Verifying…'],
  ])('%o', (step, text) => expect(formatTransfer(step)).toBe(text))
})
