import { CircleAlert, ImageOff, Pause, Play, Square } from 'lucide-react'
import { useState } from 'react'
import type { JobsStatus, LibraryStatus } from '../../contract/domain.ts'
import { assertNever } from '../../contract/errors.ts'
import { formatCount, formatPhotos, formatTimeLeft } from '../app/format.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'
import { MissingDialog } from './MissingDialog.tsx'
import { QuarantineDialog } from './QuarantineDialog.tsx'

export function JobsBar() {
  const jobs = useAnswer('jobs', {}).data
  const library = useAnswer('libraryStatus', {}).data
  const pause = useChange('pauseJobs')
  const resume = useChange('resumeJobs')
  const cancel = useChange('cancelJobs')
  const rescan = useChange('rescan')
  const missing = useAnswer('missingPhotos', { offset: 0, limit: 1 }).data?.count ?? 0
  const [shown, setShown] = useState<'quarantine' | 'missing' | null>(null)
  if (!jobs) return <section className="jobs" aria-label="Progress" />

  const waiting = library?.pending ?? 0
  const working = jobs.state !== 'idle'
  const share = jobs.total === 0 ? 0 : jobs.done / jobs.total
  return (
    <section className="jobs" aria-label="Progress" data-state={jobs.state}>
      {working && (
        <div
          className="jobs-progress"
          role="progressbar"
          aria-label="Photos looked at"
          aria-valuemin={0}
          aria-valuemax={jobs.total}
          aria-valuenow={jobs.done}
          aria-valuetext={`${formatCount(jobs.done)} of ${formatPhotos(jobs.total)}`}
        >
          <div style={{ transform: `scaleX(${share})` }} />
        </div>
      )}
      <span className="jobs-state">{stateText(jobs, waiting)}</span>
      {!working && jobs.problem !== null && (
        <BarButton
          label="Resume"
          icon={<Play size={13} aria-hidden />}
          busy={resume.isPending}
          onClick={() => resume.mutate({ input: {} })}
        />
      )}
      {!working && jobs.problem === null && waiting > 0 && (
        <BarButton
          label="Continue"
          icon={<Play size={13} aria-hidden />}
          busy={rescan.isPending}
          onClick={() => rescan.mutate({ input: {} })}
        />
      )}
      {working && (
        <>
          <span className="jobs-figures">
            {[
              jobs.total > 0 && `${formatCount(jobs.done)} of ${formatCount(jobs.total)}`,
              jobs.state === 'looking' && jobs.perSecond > 0 && `${speed(jobs.perSecond)} photos/s`,
              jobs.state === 'looking' &&
                jobs.secondsLeft !== null &&
                formatTimeLeft(jobs.secondsLeft),
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
          {jobs.state === 'paused' ? (
            <BarButton
              label="Resume"
              icon={<Play size={13} aria-hidden />}
              busy={resume.isPending}
              onClick={() => resume.mutate({ input: {} })}
            />
          ) : (
            <BarButton
              label="Pause"
              icon={<Pause size={13} aria-hidden />}
              busy={pause.isPending}
              onClick={() => pause.mutate({ input: {} })}
            />
          )}
          <BarButton
            label="Cancel"
            icon={<Square size={12} aria-hidden />}
            busy={cancel.isPending}
            onClick={() => cancel.mutate({ input: {} })}
          />
        </>
      )}
      <span className="jobs-space" />
      {jobs.quarantined > 0 && (
        <BarButton
          label={`${formatCount(jobs.quarantined)} unreadable`}
          icon={<CircleAlert size={13} aria-hidden />}
          busy={false}
          onClick={() => setShown('quarantine')}
        />
      )}
      {missing > 0 && (
        <BarButton
          label={`${formatCount(missing)} missing`}
          icon={<ImageOff size={13} aria-hidden />}
          busy={false}
          onClick={() => setShown('missing')}
        />
      )}
      <span className="jobs-model">{modelText(library, jobs)}</span>
      {shown === 'quarantine' && <QuarantineDialog onClose={() => setShown(null)} />}
      {shown === 'missing' && <MissingDialog onClose={() => setShown(null)} />}
    </section>
  )
}

function BarButton(props: {
  label: string
  icon: React.ReactNode
  busy: boolean
  onClick: () => void
}) {
  return (
    <button type="button" className="bar-button" disabled={props.busy} onClick={props.onClick}>
      {props.icon}
      {props.label}
    </button>
  )
}

const speed = (perSecond: number): string =>
  perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))

/** `waiting`: photos that are still to be looked at, such as after cancelling. */
function stateText({ state, problem }: JobsStatus, waiting: number): string {
  switch (state) {
    case 'idle':
      if (problem !== null) return 'Stopped'
      return waiting > 0 ? `${formatPhotos(waiting)} not looked at yet` : 'Up to date'
    case 'scanning':
      return 'Looking for files'
    case 'looking':
      return 'Looking at photos'
    case 'paused':
      return 'Paused'
    case 'waiting':
      return 'Waiting for mains power'
    default:
      return assertNever(state)
  }
}

function modelText(library: LibraryStatus | undefined, jobs: JobsStatus): string {
  if (!library) return ''
  if (library.model.state !== 'ready') return 'No model'
  const provider = jobs.provider ?? library.model.provider
  return provider === null ? library.model.name : `${library.model.name} on ${provider}`
}
