import { useState } from 'react'
import type { BackupList } from '../../contract/backups.ts'
import { useChange } from '../connection/hooks.tsx'
import { FolderField } from '../dialogs/FolderField.tsx'

/** Where backups go: another drive keeps them when this one fails. */
export function BackupFolder({ list: { folder, isUsual } }: { list: BackupList }) {
  const choose = useChange('chooseBackupFolder')
  const [path, setPath] = useState(folder)
  const wanted = path.trim()
  return (
    <section className="settings-group">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (wanted !== '') choose.mutate({ input: { folder: wanted } })
        }}
      >
        <FolderField
          id="backup-folder"
          label="Folder for backups"
          dialog={['Where should backups go?', 'Use this folder']}
          disabled={choose.isPending}
          value={path}
          onChange={setPath}
        >
          <button
            type="submit"
            className="button"
            disabled={choose.isPending || wanted === '' || wanted === folder}
          >
            Use
          </button>
        </FolderField>
      </form>
      <p className="settings-note">
        {isUsual
          ? 'In the library’s own folder. A folder on another drive keeps them when this drive fails.'
          : 'While its drive is not connected, backups wait until it is back. '}
        {!isUsual && (
          <button
            type="button"
            className="link-button"
            disabled={choose.isPending}
            onClick={() => choose.mutate({ input: { folder: null } })}
          >
            Use the library’s own folder again
          </button>
        )}
      </p>
    </section>
  )
}
