import type { OpenDialogOptions, OpenDialogReturnValue } from 'electron'
import type { Handlers, HostCommandName } from '../../contract/commands.ts'
import type { Client } from '../../contract/protocol.ts'
import { nearestText } from '../rpc/pathText.ts'

export interface HostOptions {
  engine: Client
  version: string
  /** Electron's dialog for a file or a folder, above the window that asks. */
  showOpenDialog: (options: OpenDialogOptions) => Promise<OpenDialogReturnValue>
  showItemInFolder: (path: string) => void
}

export function hostHandlers(options: HostOptions): Handlers<HostCommandName> {
  const { engine, version, showOpenDialog, showItemInFolder } = options
  return {
    host: () => ({ face: 'desktop', platform: process.platform, version }),
    chooseDirectory: ({ title }) => chooseDirectory(showOpenDialog, title),
    async chooseFile({ title, extensions }) {
      const filters = [{ name: extensions.map((each) => `.${each}`).join(', '), extensions }]
      const { filePaths } = await showOpenDialog({ title, properties: ['openFile'], filters })
      return filePaths[0] ?? null
    },
    async revealPhoto({ id }, { signal }) {
      const path = (await engine.call('photoPath', { id }, { signal })) as string | null
      if (path !== null) showItemInFolder(nearestText(path))
      return path !== null
    },
  }
}

/** `null` when the dialog was dismissed. */
export async function chooseDirectory(
  showOpenDialog: HostOptions['showOpenDialog'],
  title: string,
): Promise<string | null> {
  const { filePaths } = await showOpenDialog({
    title,
    properties: ['openDirectory', 'createDirectory'],
  })
  return filePaths[0] ?? null
}
