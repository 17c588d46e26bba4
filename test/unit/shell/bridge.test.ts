import { EventEmitter } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { createClient } from '../../../contract/protocol.ts'
import { portChannel } from '../../../main/rpc/channels.ts'
import { connectWindows } from '../../../main/shell/bridge.ts'
import { hostHandlers } from '../../../main/shell/hostCommands.ts'
import { fakePorts, silentEngine } from './fakes.ts'

function connecting(frame: object | null) {
  const ipc = new EventEmitter()
  const log = vi.fn()
  const ports = fakePorts()
  const engine = silentEngine(async (name) => (name === 'photoPath' ? '/photos/a.jpg' : []))
  const showItemInFolder = vi.fn()
  const hostFor = () =>
    hostHandlers({
      engine,
      version: '1.2.3',
      showOpenDialog: async () => ({ canceled: false, filePaths: ['/photos'] }),
      showItemInFolder,
    })
  connectWindows({ ipc: ipc as never, createPorts: () => ports as never, engine, hostFor, log })
  ipc.emit('connect', { sender: {}, senderFrame: frame })
  return { ports, log, showItemInFolder }
}
const frame = (url: string, parent: object | null = null) => ({ url, parent, postMessage: vi.fn() })

describe('connectWindows', () => {
  test('gives our window a port that serves the contract', async () => {
    const ours = frame('albumen://app/')
    const { ports, showItemInFolder } = connecting(ours)
    expect(ours.postMessage).toHaveBeenCalledWith('connect', null, [ports.port2])
    const client = createClient(portChannel(ports.port2), 'Albumen')
    await expect(client.call('listFolders', {})).resolves.toEqual([])
    await expect(client.call('host', {})).resolves.toMatchObject({ face: 'desktop' })
    await expect(client.call('chooseDirectory', { title: 'Where?' })).resolves.toBe('/photos')
    await expect(client.call('revealPhoto', { id: 1 })).resolves.toBe(true)
    expect(showItemInFolder).toHaveBeenCalledWith('/photos/a.jpg')
  })

  test.each([
    ['another page', frame('https://evil.example/')],
    ['a frame inside our page', frame('albumen://app/', frame('albumen://app/'))],
    ['a frame that is gone', null],
  ])('refuses %s', (_who, stranger) => {
    const { log } = connecting(stranger)
    expect(stranger?.postMessage ?? vi.fn()).not.toHaveBeenCalled()
    expect(log).toHaveBeenCalled()
  })
})

describe('hostHandlers', () => {
  const handlers = (photoPath: string | null, filePaths: string[] = []) => {
    const showItemInFolder = vi.fn()
    const host = hostHandlers({
      engine: silentEngine(async () => photoPath),
      version: '1',
      showOpenDialog: async () => ({ canceled: filePaths.length === 0, filePaths }),
      showItemInFolder,
    })
    return { host, showItemInFolder }
  }
  const context = { signal: new AbortController().signal, onProgress: () => {} }

  test('a dismissed dialog is no folder', async () => {
    await expect(handlers(null).host.chooseDirectory({ title: '' }, context)).resolves.toBeNull()
  })

  test('a file is chosen among those of the wanted kinds', async () => {
    const showOpenDialog = vi.fn(async () => ({ canceled: false, filePaths: ['/models/a.onnx'] }))
    const host = hostHandlers({
      engine: silentEngine(),
      version: '1',
      showOpenDialog,
      showItemInFolder: vi.fn(),
    })
    const wanted = { title: 'Choose a model', extensions: ['onnx'] }
    await expect(host.chooseFile(wanted, context)).resolves.toBe('/models/a.onnx')
    expect(showOpenDialog).toHaveBeenCalledWith({
      title: 'Choose a model',
      properties: ['openFile'],
      filters: [{ name: '.onnx', extensions: ['onnx'] }],
    })
    await expect(handlers(null).host.chooseFile(wanted, context)).resolves.toBeNull()
  })

  test('a photo without a file is not revealed', async () => {
    const { host, showItemInFolder } = handlers(null)
    await expect(host.revealPhoto({ id: 1 as never }, context)).resolves.toBe(false)
    expect(showItemInFolder).not.toHaveBeenCalled()
  })
})
