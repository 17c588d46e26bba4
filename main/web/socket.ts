import type { WebSocket } from 'ws'
import type { Channel, Message } from '../../contract/protocol.ts'

/** A window that reads this much too slowly is a broken one; it may connect again. Bytes. */
const maxBuffered = 64 * 1024 * 1024
const pingEvery = 30_000

/** Codes of RFC 6455, section 7.4.1. */
const unacceptableData = 1007

/** Messages as JSON. A socket that answers no ping for a minute is closed. */
export function socketChannel(socket: WebSocket): Channel {
  let answered = true
  const ping = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, pingEvery)
  ping.unref()
  socket.on('pong', () => {
    answered = true
  })
  socket.on('close', () => clearInterval(ping))
  // Too large a message and the like: 'close' follows.
  socket.on('error', () => {})

  return {
    send(message) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > maxBuffered) socket.terminate()
      else socket.send(JSON.stringify(message))
    },
    onMessage(listener) {
      const receive = (data: unknown, isBinary: boolean) => {
        let message: Message
        try {
          if (isBinary) throw new Error('Messages are text.')
          message = JSON.parse(String(data)) as Message
        } catch {
          socket.close(unacceptableData)
          return
        }
        listener(message)
      }
      socket.on('message', receive)
      return () => socket.off('message', receive)
    },
    onClose(listener) {
      socket.on('close', listener)
      return () => socket.off('close', listener)
    },
    close: () => socket.close(),
  }
}
