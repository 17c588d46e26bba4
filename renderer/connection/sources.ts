import type { Channel, Message } from '../../contract/protocol.ts'
import type { ChannelSource } from './connection.ts'

/** What the preload script of the desktop face puts on the window. */
interface Bridge {
  /** Asks for a port, which arrives as `{ type: 'albumen-port' }` with `window.postMessage`. */
  connect(): void
}

declare global {
  interface Window {
    albumen?: Bridge
  }
}

export function bridgeSource(bridge: Bridge): ChannelSource {
  return (opened) => {
    window.addEventListener('message', (event: MessageEvent<{ type?: unknown } | null>) => {
      const port = event.ports[0]
      if (event.source !== window || event.data?.type !== 'albumen-port' || !port) return
      const channel = domPortChannel(port)
      channel.onClose(() => bridge.connect())
      opened(channel)
    })
    bridge.connect()
  }
}

/** Milliseconds before dialling again after `lost` failures: 0.25 s doubling up to 8 s. */
export const retryDelay = (lost: number): number => Math.min(8000, 250 * 2 ** Math.min(lost, 10))

/** `url`: of the face's WebSocket, such as `ws://127.0.0.1:4000/rpc`. */
export function socketSource(url: string): ChannelSource {
  return (opened, failed) => {
    let lost = 0
    const dial = () => {
      const socket = new WebSocket(url)
      let everOpen = false
      socket.addEventListener('open', () => {
        everOpen = true
        lost = 0
        opened(socketChannel(socket))
      })
      socket.addEventListener('close', () => {
        if (!everOpen) failed()
        setTimeout(dial, retryDelay(lost++))
      })
    }
    dial()
  }
}

function domPortChannel(port: MessagePort): Channel {
  return {
    send: (message) => port.postMessage(message),
    onMessage(listener) {
      const receive = (event: MessageEvent<Message>) => listener(event.data)
      port.addEventListener('message', receive)
      port.start()
      return () => port.removeEventListener('message', receive)
    },
    onClose(listener) {
      port.addEventListener('close', listener)
      return () => port.removeEventListener('close', listener)
    },
    close: () => port.close(),
  }
}

function socketChannel(socket: WebSocket): Channel {
  return {
    // A closed socket tells by its 'close' event.
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
    onMessage(listener) {
      const receive = (event: MessageEvent<string>) => listener(JSON.parse(event.data) as Message)
      socket.addEventListener('message', receive)
      return () => socket.removeEventListener('message', receive)
    },
    onClose(listener) {
      socket.addEventListener('close', listener)
      return () => socket.removeEventListener('close', listener)
    },
    close: () => socket.close(),
  }
}
