import { CircleAlert, Sparkles, Unplug, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { ModelStatus } from '../../contract/domain.ts'
import { useAnswer, useConnectionState } from '../connection/hooks.tsx'

/** Milliseconds that a line may be gone before it is worth a word. */
const patience = 600

export function Banners({ onSettings }: { onSettings: () => void }) {
  return (
    <>
      <ConnectionBanner />
      <ProblemBanner />
      <BackupBanner />
      <ModelBanner onSettings={onSettings} />
    </>
  )
}

function ConnectionBanner() {
  const connection = useConnectionState()
  const open = connection.state === 'open'
  const [patient, setPatient] = useState(true)
  useEffect(() => {
    if (open) {
      setPatient(true)
      return
    }
    const timer = setTimeout(() => setPatient(false), patience)
    return () => clearTimeout(timer)
  }, [open])

  if (open || patient) return null
  const lasting = connection.state === 'reconnecting' && connection.lost >= 4
  return (
    <Banner kind={lasting ? 'warning' : 'note'} icon={<Unplug size={16} aria-hidden />}>
      {connection.state === 'connecting' ? 'Connecting…' : 'Reconnecting…'}
      {lasting &&
        ' If Albumen was started again, close this window and use the new address it shows.'}
    </Banner>
  )
}

function ProblemBanner() {
  const problem = useAnswer('jobs', {}).data?.problem ?? null
  const model = useAnswer('libraryStatus', {}).data?.model
  // The model's banner says it already.
  if (problem === null || (model?.state === 'failed' && model.reason === problem)) return null
  return (
    <Banner kind="warning" icon={<CircleAlert size={16} aria-hidden />}>
      {problem}
    </Banner>
  )
}

/** Nobody looks into the settings every day. */
function BackupBanner() {
  const problem = useAnswer('listBackups', {}).data?.problem ?? null
  const [dismissed, setDismissed] = useState<string | null>(null)
  if (problem === null || problem === dismissed) return null
  return (
    <Banner
      kind="warning"
      icon={<CircleAlert size={16} aria-hidden />}
      onDismiss={() => setDismissed(problem)}
    >
      There is no new backup. {problem}
    </Banner>
  )
}

function ModelBanner({ onSettings }: { onSettings: () => void }) {
  const model = useAnswer('libraryStatus', {}).data?.model
  const [dismissed, setDismissed] = useState<ModelStatus['state'] | null>(null)
  if (!model || model.state === 'ready' || dismissed === model.state) return null
  const failed = model.state === 'failed'
  return (
    <Banner
      kind={failed ? 'warning' : 'note'}
      icon={failed ? <CircleAlert size={16} aria-hidden /> : <Sparkles size={16} aria-hidden />}
      onDismiss={() => setDismissed(model.state)}
    >
      {failed ? model.reason : model.advice}{' '}
      <button type="button" className="link-button" onClick={onSettings}>
        Choose a model
      </button>
    </Banner>
  )
}

function Banner(props: {
  kind: 'note' | 'warning'
  icon: ReactNode
  children: ReactNode
  onDismiss?: () => void
}) {
  return (
    <div className={`banner banner-${props.kind}`} role="status">
      {props.icon}
      <span>{props.children}</span>
      {props.onDismiss && (
        <button
          type="button"
          className="icon-button small"
          aria-label="Dismiss"
          onClick={props.onDismiss}
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  )
}
