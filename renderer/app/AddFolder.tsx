import { useState } from 'react'
import { useChange } from '../connection/hooks.tsx'
import { FolderPicker } from '../dialogs/FolderPicker.tsx'
import { useChooseDirectory } from '../dialogs/useChooseDirectory.ts'

/** `add` asks for a folder and adds it; `picker` is what to render meanwhile. */
export function useAddFolder() {
  const { native } = useChooseDirectory()
  const addFolder = useChange('addFolder')
  const [picks, setPicks] = useState(false)

  async function add(): Promise<void> {
    if (!native) {
      setPicks(true)
      return
    }
    const path = await native('Choose a folder with photos')
    if (path !== null) addFolder.mutate({ input: { path } })
  }

  const picker = picks && (
    <FolderPicker
      title="Choose a folder with photos"
      action="Add this folder"
      busy={addFolder.isPending}
      onChoose={(path) =>
        addFolder.mutate({ input: { path } }, { onSuccess: () => setPicks(false) })
      }
      onClose={() => setPicks(false)}
    />
  )
  return { add: () => void add(), picker }
}
