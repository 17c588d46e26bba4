import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron'
import { restartDelay } from '../processes/restartPolicy.ts'
import { windowUrl } from './protocol.ts'

/** `preload`: path of the preload script. The page has no Node and no more rights than a web page. */
export const windowOptions = (preload: string, dark: boolean) =>
  ({
    // By its name Electron remembers where the window was.
    name: 'main',
    windowStatePersistence: true,
    title: 'Albumen',
    width: 1280,
    height: 860,
    minWidth: 640,
    minHeight: 480,
    // Until the page is painted: no white flash in the dark.
    show: false,
    backgroundColor: backgroundColor(dark),
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      // Chromium would download dictionaries.
      spellcheck: false,
    },
  }) satisfies BrowserWindowConstructorOptions

/** `--ground` of renderer/styles/tokens.css. */
export const backgroundColor = (dark: boolean) => (dark ? '#171615' : '#f7f6f4')

type Window = Pick<BrowserWindow, 'once' | 'show' | 'loadURL' | 'isDestroyed'> & {
  webContents: Pick<BrowserWindow['webContents'], 'on' | 'reload'>
}

/** Loads the page, and again when its process is lost, until that happens too often. */
export function fillWindow(window: Window, log: (line: string) => void): void {
  const crashes: number[] = []
  window.once('ready-to-show', () => window.show())
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    crashes.push(Date.now())
    const delay = restartDelay(crashes)
    log(`The window's process was lost (${reason}).`)
    if (delay === null) return
    setTimeout(() => {
      if (!window.isDestroyed()) window.webContents.reload()
    }, delay)
  })
  window.loadURL(windowUrl).catch((error) => log(`The window could not be loaded: ${error}`))
}
