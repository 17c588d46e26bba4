import { describe, expect, test } from 'vitest'
import { compareScores, judge, type Trial } from '../../../main/engine/acceleration/judge.ts'
import type { Provider } from '../../../main/rpc/execution.ts'

const rows = (...scores: number[][]) => scores.map((row) => Float32Array.from(row))
const reference = rows([0.7, 0.2, 0.1], [0.1, 0.5, 0.4])

describe('compareScores', () => {
  test('rounding does not count', () => {
    expect(compareScores(reference, rows([0.702, 0.199, 0.099], [0.1, 0.5, 0.4]))).toEqual({
      agrees: true,
      difference: expect.closeTo(0.002, 5),
    })
  })

  test('a probability that is off by more than a hundredth counts, whatever comes first', () => {
    expect(compareScores(reference, rows([0.68, 0.21, 0.11], [0.1, 0.5, 0.4]))).toEqual({
      agrees: false,
      difference: expect.closeTo(0.02, 5),
    })
  })

  test('of classes as good as equal either may come first', () => {
    const close = rows([0.401, 0.399, 0.2])
    expect(compareScores(close, rows([0.399, 0.401, 0.2])).agrees).toBe(true)
    expect(compareScores(close, rows([0.2, 0.399, 0.401])).agrees).toBe(false)
  })

  test('what is no number, nothing at all, or another number of classes does not agree', () => {
    expect(compareScores(reference, rows([0.7, Number.NaN, 0.1])).agrees).toBe(false)
    expect(compareScores(reference, [])).toEqual({ agrees: false, difference: 0 })
    expect(compareScores(reference, rows([0.7, 0.3])).agrees).toBe(false)
  })

  test('as many pictures are compared as there was time for', () => {
    expect(compareScores(reference, rows([0.7, 0.2, 0.1])).agrees).toBe(true)
  })
})

const ran = (provider: Provider, photosPerSecond: number, scores = reference) =>
  ({ provider, state: 'ran', scores, timing: { batchSize: 8, photosPerSecond } }) as const

describe('judge', () => {
  test('chooses the fastest and tells of the others how fast they were', () => {
    const verdict = judge(ran('cpu', 13), [ran('cuda', 900), ran('webgpu', 700)])
    expect(verdict).toMatchObject([
      { provider: 'cpu', outcome: 'slower', reason: '13 photos a second, cuda 900.' },
      { provider: 'cuda', outcome: 'chosen', batchSize: 8, photosPerSecond: 900 },
      { provider: 'webgpu', outcome: 'slower', reason: '700 photos a second, cuda 900.' },
    ])
  })

  test('does not choose one that answers otherwise, however fast', () => {
    const wrong = rows([0.2, 0.7, 0.1], [0.1, 0.5, 0.4])
    expect(judge(ran('cpu', 13), [ran('dml', 5000, wrong)])).toMatchObject([
      { provider: 'cpu', outcome: 'chosen' },
      {
        provider: 'dml',
        outcome: 'disagrees',
        difference: expect.closeTo(0.5, 5),
        reason: 'Its answers differ from the CPU’s, by up to 50.0 % of a probability.',
      },
    ])
  })

  test('stays on the CPU where nothing else is faster, and passes on why others did not work', () => {
    const others: Trial[] = [
      { provider: 'cuda', state: 'unavailable', reason: 'Not built.' },
      { provider: 'dml', state: 'failed', reason: 'No adapter.' },
      ran('webgpu', 0.033),
    ]
    expect(judge(ran('cpu', 13), others)).toMatchObject([
      { provider: 'cpu', outcome: 'chosen' },
      { outcome: 'unavailable', reason: 'Not built.', photosPerSecond: null, difference: null },
      { outcome: 'failed', reason: 'No adapter.' },
      { outcome: 'slower', reason: '0.03 photos a second, cpu 13.', difference: 0 },
    ])
  })
})
