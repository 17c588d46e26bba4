/** Connects windows to the engine: each gets a port of its own. */
import type { IpcMain, IpcMainEvent, MessagePortMain, WebContents } from 'electron'
import type { Handlers, HostCommandName } from '../../contract/commands.ts'
import type { Client } from '../../contract/protocol.ts'
import { serveWindow } from '../host/windows.ts'
import { portChannel } from '../rpc/channels.ts'
import { isOurs } from './protocol.ts'

export interface BridgeOptions {
  ipc: Pick<IpcMain, 'on'>
  createPorts: () => { port1: MessagePortMain; port2: MessagePortMain }
  engine: Client
  /** The commands that the face answers itself, for the window that asks. */
  hostFor: (contents: WebContents) => Handlers<HostCommandName>
  log: (line: string) => void
}

/** Answers `connect` of the preload script with a port, over which the contract is served. */
export function connectWindows({ ipc, createPorts, engine, hostFor, log }: BridgeOptions): void {
  ipc.on('connect', ({ sender, senderFrame }: IpcMainEvent) => {
    if (!senderFrame || senderFrame.parent !== null || !isOurs(senderFrame.url)) {
      log(`Refused to connect ${senderFrame?.url ?? 'a frame that is gone'}.`)
      return
    }
    const { port1, port2 } = createPorts()
    serveWindow(portChannel(port1), engine, hostFor(sender))
    senderFrame.postMessage('connect', null, [port2])
  })
}
