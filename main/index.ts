/** @file Runs in Electron's main process: the life of the desktop app, from top to bottom. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  app,
  BrowserWindow,
  dialog,
  type ForkOptions,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  type OpenDialogOptions,
  powerMonitor,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron'
import type { JobsStatus } from '../contract/domain.ts'
import { messageOf } from '../contract/errors.ts'
import { createStatusLine, jobsLine } from './cli/statusLine.ts'
import { createWindowRequests } from './host/requests.ts'
import { superviseEngine } from './processes/supervisor.ts'
import { readArguments } from './shell/arguments.ts'
import { connectWindows } from './shell/bridge.ts'
import { forkEngine } from './shell/children.ts'
import { chooseDirectory, hostHandlers } from './shell/hostCommands.ts'
import { openLog } from './shell/log.ts'
import { menuTemplate } from './shell/menu.ts'
import { watchPower } from './shell/power.ts'
import { makeProfile } from './shell/profile.ts'
import { protocolHandler, scheme } from './shell/protocol.ts'
import { stopBeforeQuitting } from './shell/quit.ts'
import { lockContents, lockSession } from './shell/security.ts'
import { backgroundColor, fillWindow, windowOptions } from './shell/window.ts'

// Built to dist/main/index.js, beside dist/preload and dist/renderer.
const built = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

const { folder, ...options } = readArguments(process.argv.slice(1), app.getAppPath(), process.cwd())
const log = openLog(join(options.library, 'logs', 'desktop.log'))

// 1. Before Electron is ready: one Albumen for a library, a sandbox for every page, our own scheme.
app.setPath('userData', profile())
app.enableSandbox()
protocol.registerSchemesAsPrivileged([scheme])
lockContents(app, shell)
if (app.requestSingleInstanceLock({ folder })) void run()
else app.quit()

async function run(): Promise<void> {
  await app.whenReady()

  // 2. The engine, which is stopped before the app ends.
  const createPorts = () => new MessageChannelMain()
  const children = {
    fork: (entry: string, args: string[], options: ForkOptions) =>
      utilityProcess.fork(entry, args, options),
    createPorts,
    kill: (pid: number) => process.kill(pid, 'SIGKILL'),
    log,
  }
  const engine = superviseEngine({ spawn: () => forkEngine(children, options), log })
  const { client } = engine
  engine.onGivenUp((error) => dialog.showErrorBox('Albumen cannot go on', error.message))
  stopBeforeQuitting(app, engine.stop)

  // 3. What a window may load and ask.
  lockSession(session.defaultSession)
  const answer = createWindowRequests({
    engine: client,
    rendererDirectory: built('renderer'),
    log,
  })
  protocol.handle(scheme.scheme, protocolHandler(answer))
  connectWindows({
    ipc: ipcMain,
    createPorts,
    engine: client,
    hostFor: (contents) =>
      hostHandlers({
        engine: client,
        version: app.getVersion(),
        showOpenDialog: (options) =>
          openDialogAbove(BrowserWindow.fromWebContents(contents), options),
        showItemInFolder: (path) => shell.showItemInFolder(path),
      }),
    log,
  })

  // 4. The window, its menu, and in a terminal how far the work is.
  const tell = (error: unknown) => dialog.showErrorBox('Albumen', messageOf(error))
  const addFolder = (path: string | null) => {
    if (path !== null) client.call('addFolder', { path }).catch(tell)
  }
  const askForFolder = () =>
    chooseDirectory(
      (options) => openDialogAbove(BrowserWindow.getFocusedWindow(), options),
      'Add a folder of photos',
    ).then(addFolder, tell)
  const rescan = () => void client.call('rescan', {}).catch(tell)
  const actions = { addFolder: () => void askForFolder(), rescan }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate(process.platform, actions, !app.isPackaged)),
  )
  openWindow()
  addFolder(folder)
  const line = createStatusLine(process.stderr)
  client.on('jobs', (status) => line.show(jobsLine(status as JobsStatus)))
  app.on('will-quit', line.end)

  // 5. What happens to it from outside.
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    openWindow()
    addFolder((data as { folder: string | null }).folder)
  })
  app.on('activate', openWindow)
  watchPower(powerMonitor, engine, (onBattery) => {
    client.call('power', { onBattery }).catch((error) => log(messageOf(error)))
  })
  app.on('window-all-closed', () => {
    // On macOS an app lives on without a window.
    if (process.platform !== 'darwin') app.quit()
  })
  nativeTheme.on('updated', () => {
    for (const window of BrowserWindow.getAllWindows()) {
      window.setBackgroundColor(backgroundColor(nativeTheme.shouldUseDarkColors))
    }
  })
}

function profile(): string {
  try {
    return makeProfile(options.library)
  } catch (error) {
    const advice = 'choose another folder with --library, or make this one writable.'
    dialog.showErrorBox(
      'Albumen cannot start',
      `The library ${options.library} cannot be written (${messageOf(error)}): ${advice}`,
    )
    return process.exit(1)
  }
}

function openWindow(): void {
  const [open] = BrowserWindow.getAllWindows()
  if (open) {
    if (open.isMinimized()) open.restore()
    open.focus()
    return
  }
  const options = windowOptions(built('preload/index.cjs'), nativeTheme.shouldUseDarkColors)
  fillWindow(new BrowserWindow(options), log)
}

const openDialogAbove = (window: BrowserWindow | null, options: OpenDialogOptions) =>
  window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options)
