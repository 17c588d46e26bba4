import { useState } from 'react'
import { useChange } from '../connection/hooks.tsx'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'
import { useToasts } from '../dialogs/toasts.tsx'
import type { SectionProps } from './SettingsDialog.tsx'

/** What persons said, and what models said. */
export function TagsSection({ onManageTags }: SectionProps) {
  const toasts = useToasts()
  const reset = useChange('resetPredictions', {
    onSuccess: () => toasts.showNote('Albumen looks at all photos again.'),
  })
  const [asks, setAsks] = useState(false)
  return (
    <>
      <p className="settings-lead">
        What you say of your photos and what models say is kept apart: no model changes what you
        said.
      </p>
      <section className="settings-group">
        <h4>Tags</h4>
        <p>Rename, merge and remove tags, yours and those that a model sees.</p>
        <p className="settings-actions">
          <button type="button" className="button compact" onClick={onManageTags}>
            Manage tags…
          </button>
        </p>
      </section>
      <section className="settings-group">
        <h4>Predictions</h4>
        <p>Forget what all models said and let the model in use look at every photo anew.</p>
        <p className="settings-actions">
          <button
            type="button"
            className="button compact"
            disabled={reset.isPending}
            onClick={() => setAsks(true)}
          >
            Forget what models said…
          </button>
        </p>
      </section>
      {asks && (
        <ConfirmDialog
          title="Forget what models said?"
          action="Forget"
          busy={reset.isPending}
          onClose={() => setAsks(false)}
          onConfirm={() => reset.mutate({ input: {} }, { onSettled: () => setAsks(false) })}
        >
          <p>
            Every photo is looked at again, which takes as long as the first time. What you said
            stays: your tags, what you accepted and rejected, albums and stars. This cannot be
            undone.
          </p>
        </ConfirmDialog>
      )}
    </>
  )
}
