import type { WriteStream } from 'node:tty'
import { describe, expect, test } from 'vitest'
import type { JobsStatus } from '../../../contract/domain.ts'
import { createStatusLine, duration, jobsLine, modelLine } from '../../../main/cli/statusLine.ts'

const working: JobsStatus = {
  state: 'looking',
  done: 12,
  total: 200,
  perSecond: 6.26,
  secondsLeft: 30,
  quarantined: 0,
  provider: 'cpu',
  problem: null,
}

describe('the line of progress', () => {
  test('tells how many of how many, how fast, how long, and what runs where', () => {
    expect(jobsLine(working)).toBe('12 / 200 photos · 6.3 a second · 30 s left · ResNet on cpu')
  })

  test('leaves out what is not known', () => {
    const unknown = { ...working, perSecond: 0, secondsLeft: null, provider: null }
    expect(jobsLine(unknown)).toBe('12 / 200 photos · no model')
  })

  test('tells of a pause, of quarantine, of an end, and above all of a problem', () => {
    expect(jobsLine({ ...working, state: 'paused' })).toContain('paused')
    expect(jobsLine({ ...working, quarantined: 3 })).toContain('3 quarantined')
    expect(jobsLine({ ...working, state: 'idle' })).toBe('Everything has been looked at.')
    expect(jobsLine({ ...working, state: 'scanning' })).toBe('Looking for photos…')
    expect(jobsLine({ ...working, problem: 'The disk is full.' })).toBe('The disk is full.')
  })

  test.each([
    [0.4, '0 s'],
    [59, '59 s'],
    [61, '1 min'],
    [3599, '1 h 0 min'],
    [7500, '2 h 5 min'],
  ])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text))
})

describe('the line of a model that is being got', () => {
  const progress = { received: 12_300_000, total: 46_820_737, perSecond: 0 }

  test.each([
    [{ ...progress, phase: 'connecting' }, '12.3 MB of 46.8 MB · connecting…'],
    [{ ...progress, phase: 'receiving' }, '12.3 MB of 46.8 MB'],
    [
      { ...progress, phase: 'receiving', perSecond: 4_100_000 },
      '12.3 MB of 46.8 MB · 4.1 MB a second · 8 s left',
    ],
    [
      { ...progress, phase: 'receiving', perSecond: 4_100_000, total: null },
      '12.3 MB · 4.1 MB a second',
    ],
    [{ ...progress, phase: 'waiting' }, '12.3 MB of 46.8 MB · no connection, trying again…'],
    [{ ...progress, phase: 'verifying' }, '12.3 MB of 46.8 MB · verifying…'],
  ] as const)('of %o is %s', (step, text) => expect(modelLine(step)).toBe(text))
})

describe('a status line', () => {
  function terminal({ isTTY = true, columns = 40 } = {}) {
    const written: string[] = []
    const stream = { isTTY, columns, write: (text: string) => written.push(text) }
    return { written, line: createStatusLine(stream as unknown as WriteStream) }
  }
  const CLEAR = '\r\u001b[2K'

  test('replaces its text, and writes nothing while that is the same', () => {
    const { written, line } = terminal()
    line.show('one')
    line.show('one')
    line.show('two')
    expect(written).toEqual(['one', CLEAR, 'two'])
  })

  test('makes room for what is logged, and comes back below it', () => {
    const { written, line } = terminal()
    line.show('busy')
    line.log('Something happened.')
    line.end()
    expect(written).toEqual(['busy', CLEAR, 'Something happened.\n', 'busy', CLEAR])
  })

  test('is cut where the terminal ends', () => {
    const { written, line } = terminal({ columns: 30 })
    line.show('x'.repeat(80))
    expect(written).toEqual(['x'.repeat(29)])
  })

  test('shows nothing where there is no terminal, but logs', () => {
    const { written, line } = terminal({ isTTY: false })
    line.show('busy')
    line.log('Done.')
    line.end()
    expect(written).toEqual(['Done.\n'])
  })
})
