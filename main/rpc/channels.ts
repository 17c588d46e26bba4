/** Channels over what Node and Electron offer. Each delivers messages whole and in order. */
import type { Channel, Message } from '../../contract/protocol.ts'

/** The part of a child or parent process that carries messages. */
interface ProcessEnd {
  readonly connected: boolean
  send?(message: Message, callback?: (error: Error | null) => void): boolean
  disconnect?(): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'disconnect', listener: () => void): unknown
}

/** Fork with `serialization: 'advanced'`, so that byte arrays arrive as byte arrays. */
export function processChannel(end: ProcessEnd): Channel {
  return {
    // The other end may die between the look and the sending: its 'disconnect' tells, not an exception.
    send: (message) => {
      if (end.connected) end.send?.(message, () => {})
    },
    onMessage: (listener) => {
      const receive = (message: unknown) => listener(message as Message)
      end.on('message', receive)
      return () => end.off('message', receive)
    },
    onClose: (listener) => {
      end.on('disconnect', listener)
      return () => end.off('disconnect', listener)
    },
    close: () => {
      if (end.connected) end.disconnect?.()
    },
  }
}

export interface PortEvent {
  data: unknown
  ports?: readonly PortEnd[]
}

/** What `MessagePortMain` of Electron and `MessagePort` of Node share. */
export interface PortEnd {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: PortEvent) => void): unknown
  on(event: 'close', listener: () => void): unknown
  off(event: 'message', listener: (event: PortEvent) => void): unknown
  off(event: 'close', listener: () => void): unknown
  start?(): void
  close?(): void
}

/** `MessagePortMain` and a utility process's `parentPort`: messages come wrapped in an event. */
export function portChannel(port: PortEnd): Channel {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      const receive = (event: PortEvent) => listener(event.data as Message)
      port.on('message', receive)
      port.start?.()
      return () => port.off('message', receive)
    },
    onClose: (listener) => {
      port.on('close', listener)
      return () => port.off('close', listener)
    },
    close: () => port.close?.(),
  }
}
