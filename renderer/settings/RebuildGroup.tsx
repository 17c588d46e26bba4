import { useState } from 'react'
import { useChange } from '../connection/hooks.tsx'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'

/** What is made from the photos can be made again. */
export function RebuildGroup() {
  const rebuild = useChange('rebuildThumbnails')
  const [asks, setAsks] = useState(false)
  return (
    <section className="settings-group">
      <h4>What can be made again</h4>
      <p className="settings-note">
        Thumbnails are not in a backup, since they come from your photos.
      </p>
      <p className="settings-actions">
        <button type="button" className="button compact" onClick={() => setAsks(true)}>
          Make thumbnails again…
        </button>
      </p>
      {asks && (
        <ConfirmDialog
          title="Make all thumbnails again?"
          action="Make again"
          busy={rebuild.isPending}
          onClose={() => setAsks(false)}
          onConfirm={() => rebuild.mutate({ input: {} }, { onSettled: () => setAsks(false) })}
        >
          <p>
            They are thrown away, and every photo is read again to make new ones. What you have said
            about your photos stays.
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
