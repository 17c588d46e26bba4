import type { MenuItemConstructorOptions } from 'electron'

export interface MenuActions {
  addFolder: () => void
  rescan: () => void
}

/** `developer`: with what is needed to look into the page. */
export function menuTemplate(
  platform: NodeJS.Platform,
  actions: MenuActions,
  developer: boolean,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const file: MenuItemConstructorOptions[] = [
    { label: 'Add Folder…', accelerator: 'CmdOrCtrl+O', click: actions.addFolder },
    { label: 'Look for New Photos', accelerator: 'F5', click: actions.rescan },
    separator,
    { role: isMac ? 'close' : 'quit' },
  ]
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    separator,
    { role: 'togglefullscreen' },
  ]
  const lookInside: MenuItemConstructorOptions[] = [
    separator,
    { role: 'reload' },
    { role: 'toggleDevTools' },
  ]
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu', submenu: file },
    { role: 'editMenu' },
    { role: 'viewMenu', submenu: developer ? [...view, ...lookInside] : view },
    { role: 'windowMenu' },
  ]
}
