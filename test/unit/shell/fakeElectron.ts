/** What `import 'electron'` gives in tests: the parts that the app uses, writing down their order. */
import { EventEmitter } from 'node:events'
import { vi } from 'vitest'
import { type FakeChild, fakeChild, fakePorts } from './fakes.ts'

export const stage = {
  /** What was done, in order. */
  order: [] as string[],
  /** What it was done with. */
  given: {} as Record<string, unknown[]>,
  ready: Promise.withResolvers<void>(),
  children: [] as FakeChild[],
  windows: [] as BrowserWindow[],
}

const noted =
  <Result>(name: string, result: Result) =>
  (...given: unknown[]) => {
    stage.order.push(name)
    stage.given[name] = given
    return result
  }

export const app = Object.assign(new EventEmitter(), {
  isPackaged: true,
  getAppPath: () => '/opt/albumen/app.asar',
  getVersion: () => '1.2.3',
  setPath: noted('profile', undefined),
  enableSandbox: noted('sandbox', undefined),
  requestSingleInstanceLock: noted('lock', true),
  whenReady: () => stage.ready.promise,
  quit: vi.fn(),
})

export class BrowserWindow extends EventEmitter {
  static getAllWindows = () => stage.windows
  static getFocusedWindow = () => null
  webContents = new EventEmitter()
  loadURL = async () => {}
  focus = vi.fn()
  isMinimized = () => false

  constructor() {
    super()
    stage.order.push('window')
    stage.windows.push(this)
  }
}

export const protocol = {
  registerSchemesAsPrivileged: noted('scheme', undefined),
  handle: noted('protocol', undefined),
}
export const session = {
  defaultSession: {
    setPermissionRequestHandler: noted('permissions', undefined),
    setPermissionCheckHandler: () => {},
    setDevicePermissionHandler: () => {},
    webRequest: { onBeforeRequest: () => {} },
  },
}
export const utilityProcess = {
  fork: () => {
    stage.order.push('engine')
    const child = fakeChild(stage.children.length + 1)
    stage.children.push(child)
    return child
  },
}
export const MessageChannelMain = function createPorts() {
  return fakePorts()
}
export const Menu = {
  buildFromTemplate: () => ({}),
  setApplicationMenu: noted('menu', undefined),
}
export const nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: true })
export const powerMonitor = Object.assign(new EventEmitter(), { onBatteryPower: false })
export const ipcMain = new EventEmitter()
export const dialog = { showErrorBox: vi.fn() }
export const shell = {}
