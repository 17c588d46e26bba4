import { CircleAlert } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { useAnswer } from '../connection/hooks.tsx'
import { useRefreshed } from '../connection/useRefreshed.ts'
import { AddModel } from './AddModel.tsx'
import { InstalledModels } from './InstalledModels.tsx'
import { OfferedModels } from './OfferedModels.tsx'
import type { SectionProps } from './SettingsDialog.tsx'

/** Which ResNet looks at the photos, and others to look with instead. */
export function ModelSection({ transfers }: SectionProps) {
  const models = useAnswer('listModels', {})
  const status = useAnswer('libraryStatus', {}).data?.model
  const running = useSyncExternalStore(transfers.subscribe, transfers.current)
  useRefreshed('listModels')

  return (
    <>
      <p className="settings-lead">
        One ResNet looks at your photos. Another one looks at all of them again; what the first said
        is kept.
      </p>
      {status?.state === 'failed' && (
        <p className="settings-problem" role="alert">
          <CircleAlert size={15} aria-hidden />
          {status.reason}
        </p>
      )}
      {models.data ? (
        <>
          <InstalledModels models={models.data.installed} />
          <OfferedModels models={models.data.offered} transfers={transfers} running={running} />
          <AddModel unfinished={models.data.unfinished} transfers={transfers} running={running} />
        </>
      ) : (
        <p className="settings-lead" role="status">
          Reading the models…
        </p>
      )}
    </>
  )
}
