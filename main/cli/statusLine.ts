import type { WriteStream } from 'node:tty'
import type { JobsStatus } from '../../contract/domain.ts'
import { assertNever } from '../../contract/errors.ts'
import type { ModelProgress } from '../../contract/models.ts'

export interface StatusLine {
  /** Shows a text in place of the one before; nothing where there is no terminal. */
  show(text: string): void
  /** Prints a line above. */
  log(text: string): void
  end(): void
}

const CLEAR_LINE = '\r\u001b[2K'

export function createStatusLine(stream: WriteStream): StatusLine {
  let shown = ''
  const clear = () => {
    if (shown) stream.write(CLEAR_LINE)
    shown = ''
  }
  return {
    show(text) {
      if (!stream.isTTY) return
      const fitting = text.slice(0, Math.max(20, (stream.columns || 80) - 1))
      if (fitting === shown) return
      clear()
      stream.write(fitting)
      shown = fitting
    },
    log(text) {
      const again = shown
      clear()
      stream.write(`${text}\n`)
      if (again) stream.write(again)
      shown = again
    },
    end: clear,
  }
}

/** Seconds as people say them: 42 s, 3 min, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Photos done of all, per second, time left, and what runs where; in one line. */
export function jobsLine(status: JobsStatus): string {
  const { state, done, total, perSecond, secondsLeft, quarantined, provider, problem } = status
  if (problem) return problem
  if (state === 'idle') return 'Everything has been looked at.'
  if (state === 'scanning') return 'Looking for photos…'
  const parts = [`${done} / ${total} photos`]
  if (state === 'paused') parts.push('paused')
  if (state === 'waiting') parts.push('waiting for mains power')
  if (perSecond > 0) parts.push(`${perSecond.toFixed(1)} a second`)
  if (secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`)
  if (quarantined > 0) parts.push(`${quarantined} quarantined`)
  parts.push(provider ? `ResNet on ${provider}` : 'no model')
  return parts.join(' · ')
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** How far a model is that is being got or added. */
export function modelLine({ phase, received, total, perSecond }: ModelProgress): string {
  const amount =
    total === null ? megabytes(received) : `${megabytes(received)} of ${megabytes(total)}`
  switch (phase) {
    case 'connecting':
      return `${amount} · connecting…`
    case 'waiting':
      return `${amount} · no connection, trying again…`
    case 'verifying':
      return `${amount} · verifying…`
    case 'copying':
    case 'receiving': {
      if (perSecond <= 0) return amount
      const left = total === null ? '' : ` · ${duration((total - received) / perSecond)} left`
      return `${amount} · ${megabytes(perSecond)} a second${left}`
    }
    default:
      return assertNever(phase)
  }
}
