/** The browser face over real HTTP and WebSockets, with an engine that answers what a test needs. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { UserError } from '../../contract/errors.ts'
import { type Client, createClient } from '../../contract/protocol.ts'
import { startWebFace, type WebFace } from '../../main/web/index.ts'
import { socketChannel } from '../../main/web/socket.ts'

const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xd9])
const picture = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251))

type Answer = (
  name: string,
  input: { id?: number },
  options: Parameters<Client['call']>[2],
) => unknown

let directory: string
let rendererDirectory: string
let picturePath: string
let face: WebFace
let answer: Answer
const listeners = new Map<string, Set<(payload: unknown) => void>>()
const log = vi.fn()

const engine: Client = {
  call: async (name, input, options) => answer(name, input as { id?: number }, options),
  on: (event, listener) => {
    const set = listeners.get(event) ?? new Set()
    listeners.set(event, set.add(listener))
    return () => set.delete(listener)
  },
}
const emit = (event: string, payload: unknown) => {
  for (const listener of listeners.get(event) ?? []) listener(payload)
}

const usualAnswer: Answer = (name, { id }) => {
  if (name === 'thumbnail') return id === 1 ? jpeg : null
  if (name !== 'picture') throw new UserError('unknown-command', `There is no "${name}".`)
  if (id === 1) return { kind: 'file', path: picturePath, mime: 'image/png' }
  if (id === 2) return { kind: 'bytes', bytes: jpeg, mime: 'image/jpeg' }
  if (id === 3) return { kind: 'file', path: join(directory, 'gone.png'), mime: 'image/png' }
  return null
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'albumen-web-'))
  rendererDirectory = join(directory, 'renderer')
  picturePath = join(directory, 'picture.png')
  await mkdir(join(rendererDirectory, 'assets'), { recursive: true })
  await writeFile(join(rendererDirectory, 'index.html'), '<!doctype html><title>Albumen</title>')
  await writeFile(join(rendererDirectory, 'assets', 'index-1a2b.js'), 'export {}')
  await writeFile(join(directory, 'secret.json'), '{"secret":true}')
  await writeFile(picturePath, picture)
  face = await startWebFace({ engine, rendererDirectory, port: 0, version: '1.2.3', log })
})
afterEach(() => {
  answer = usualAnswer
  log.mockClear()
})
afterAll(async () => {
  await face.close()
  await rm(directory, { recursive: true })
})
answer = usualAnswer

const address = (path: string) => `http://127.0.0.1:${face.port}${path}`

async function cookie(): Promise<string> {
  const response = await fetch(face.url, { redirect: 'manual' })
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

const get = async (path: string, headers: Record<string, string> = {}) =>
  fetch(address(path), { headers: { cookie: await cookie(), ...headers } })

/** Sends exactly these bytes, as no well-behaved client would, and gives the whole answer. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(face.port, '127.0.0.1', () => socket.write(request))
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('end', () => resolve(received))
    socket.on('error', reject)
  })
}

describe('getting in', () => {
  test('the printed address sets the cookie and leads to the window, without the token', async () => {
    const response = await fetch(face.url, { redirect: 'manual' })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/')
    const page = await get('/')
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<title>Albumen</title>')
  })

  test.each(['/', '/assets/index-1a2b.js', '/media/thumbnail/1', '/?token=wrong', '/nothing'])(
    'without the cookie %s says in one sentence what to do, and shows nothing',
    async (path) => {
      const response = await fetch(address(path), { redirect: 'manual' })
      expect(response.status).toBe(401)
      expect(await response.text()).toContain('open the address that Albumen printed')
    },
  )

  test('a name that an attacker lets resolve to 127.0.0.1 gets nothing', async () => {
    const request = `GET / HTTP/1.1\r\nHost: evil.example:${face.port}\r\nCookie: ${await cookie()}\r\nConnection: close\r\n\r\n`
    const response = await raw(request)
    expect(response).toMatch(/^HTTP\/1\.1 421 /)
    expect(response).not.toContain('set-cookie')
  })

  test('listens on the loopback address only', async () => {
    const { networkInterfaces } = await import('node:os')
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)
    if (!outside) return console.warn('SKIPPED: this machine has no address but loopback.')
    const refused = new Promise((resolve) => {
      connect(face.port, outside.address)
        .on('error', () => resolve('refused'))
        .on('connect', () => resolve('connected'))
    })
    expect(await refused).toBe('refused')
  })

  test('says what to do when the port is taken', async () => {
    const options = { engine, rendererDirectory, port: face.port, version: '1', log }
    await expect(startWebFace(options)).rejects.toThrow(
      new UserError(
        'port-taken',
        `Port ${face.port} is taken by another program: choose another with --port, or leave it out to get a free one.`,
      ),
    )
  })

  test('says what to do when the window has not been built', async () => {
    const options = { engine, rendererDirectory: directory, port: 0, version: '1', log }
    await expect(startWebFace(options)).rejects.toThrow('run "npm run build" first')
  })
})

describe('what a window loads', () => {
  test('every answer carries a strict policy and no permission for other origins', async () => {
    for (const path of ['/', '/media/thumbnail/1', '/media/picture/1', '/nothing']) {
      const { headers } = await get(path)
      const policy = headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('files named by their content are kept for good, the page is not', async () => {
    const script = await get('/assets/index-1a2b.js')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect((await get('/')).headers.get('cache-control')).toBe('no-cache')
  })

  test.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/assets/..%5c..%5csecret.json',
    '/..%00/secret.json',
    '//secret.json',
    '/%E0%A4%A',
  ])('%s reaches nothing outside the built window', async (target) => {
    const request = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${face.port}\r\nCookie: ${await cookie()}\r\nConnection: close\r\n\r\n`
    const response = await raw(request)
    expect(response).toMatch(/^HTTP\/1\.1 404 /)
    expect(response).not.toContain('secret')
  })

  test('writing is not possible, even from our own page', async () => {
    const headers = { cookie: await cookie(), origin: address('') }
    const response = await fetch(address('/media/picture/1'), { method: 'DELETE', headers })
    expect(response.status).toBe(405)
  })

  test('a thumbnail is kept for good only under an address that changes with it', async () => {
    const plain = await get('/media/thumbnail/1')
    expect(plain.headers.get('content-type')).toBe('image/jpeg')
    expect(new Uint8Array(await plain.arrayBuffer())).toEqual(jpeg)
    expect(plain.headers.get('cache-control')).toBe('no-cache')
    const versioned = await get('/media/thumbnail/1?v=abc')
    expect(versioned.headers.get('cache-control')).toContain('immutable')
  })

  test.each([
    '/media/thumbnail/9',
    '/media/picture/9',
    '/media/picture/3',
    '/media/picture/etc',
    '/media/picture/1/../../x',
    '/media/thumbnail/1e3',
    '/media/original/1',
  ])('%s is not there', async (path) => {
    expect((await get(path)).status).toBe(404)
    expect(log).not.toHaveBeenCalled()
  })

  test('a picture is its file, byte for byte, asked again only when it changed', async () => {
    const response = await get('/media/picture/1')
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await response.arrayBuffer()).equals(picture)).toBe(true)
    const etag = response.headers.get('etag') ?? ''
    const again = await get('/media/picture/1', { 'if-none-match': etag })
    expect(again.status).toBe(304)
  })

  test('a part of a picture can be asked for', async () => {
    const part = await get('/media/picture/1', { range: 'bytes=500-999' })
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe('bytes 500-999/100000')
    expect(Buffer.from(await part.arrayBuffer()).equals(picture.subarray(500, 1000))).toBe(true)
    const beyond = await get('/media/picture/1', { range: 'bytes=100000-' })
    expect(beyond.status).toBe(416)
    expect(beyond.headers.get('content-range')).toBe('bytes */100000')
  })

  test('HEAD says how large a picture is and sends none of it', async () => {
    const headers = { cookie: await cookie() }
    const response = await fetch(address('/media/picture/1'), { method: 'HEAD', headers })
    expect(response.headers.get('content-length')).toBe('100000')
    expect(await response.text()).toBe('')
  })

  test('a picture made for showing comes as bytes', async () => {
    const response = await get('/media/picture/2')
    expect(response.headers.get('content-type')).toBe('image/jpeg')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(jpeg)
  })

  test('a failing engine is a sentence to the visitor and a line in the log', async () => {
    answer = () => {
      throw new Error('disk I/O error at /home/me')
    }
    const response = await get('/media/thumbnail/1')
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('/home/me')
    expect(log).toHaveBeenCalledWith('/media/thumbnail/1: disk I/O error at /home/me')
  })

  test('a visitor who leaves early cancels the work for them', async () => {
    const aborted = new Promise<boolean>((resolve) => {
      answer = (_name, _input, options) =>
        new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            resolve(true)
            reject(options.signal?.reason)
          })
        })
    })
    const leaving = new AbortController()
    const headers = { cookie: await cookie() }
    const request = fetch(address('/media/picture/1'), { headers, signal: leaving.signal })
    setTimeout(() => leaving.abort(), 50)
    await expect(request).rejects.toThrow()
    expect(await aborted).toBe(true)
  })
})

describe('calls over the WebSocket', () => {
  async function open(headers: Record<string, string> = {}): Promise<WebSocket> {
    const all = { cookie: await cookie(), origin: address(''), ...headers }
    const socket = new WebSocket(`ws://127.0.0.1:${face.port}/rpc`, { headers: all })
    await new Promise((resolve, reject) => {
      socket.on('open', resolve)
      socket.on('error', reject)
    })
    return socket
  }
  const closing = (socket: WebSocket) =>
    new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))

  test('are answered, with progress on the way', async () => {
    answer = async (name, input, options) => {
      options?.onProgress?.({ phase: 'writing', done: 1, total: 2 })
      return { name, input }
    }
    const socket = await open()
    const client = createClient(socketChannel(socket), 'Albumen')
    const progress: unknown[] = []
    const input = { target: { query: 'dog' }, to: '/out', as: 'zip' }
    const options = { onProgress: (one: unknown) => progress.push(one) }
    await expect(client.call('exportPhotos', input, options)).resolves.toEqual({
      name: 'exportPhotos',
      input,
    })
    expect(progress).toEqual([{ phase: 'writing', done: 1, total: 2 }])
    socket.close()
  })

  test('say who the face is', async () => {
    const socket = await open()
    const client = createClient(socketChannel(socket), 'Albumen')
    await expect(client.call('host', {})).resolves.toEqual({
      face: 'browser',
      platform: process.platform,
      version: '1.2.3',
    })
    await expect(client.call('chooseDirectory', { title: 'Where?' })).resolves.toBeNull()
    await expect(client.call('revealPhoto', { id: 1 })).resolves.toBe(false)
    socket.close()
  })

  test.each([
    ['cancelled', (socket: WebSocket, cancel: () => void) => cancel() ?? socket],
    ['left alone by a closed window', (socket: WebSocket) => socket.close() ?? socket],
  ])('stop in the engine when %s', async (_how, end) => {
    const started = Promise.withResolvers<AbortSignal>()
    answer = (_name, _input, options) =>
      new Promise((_, reject) => {
        const signal = options?.signal ?? AbortSignal.abort()
        signal.addEventListener('abort', () => reject(signal.reason))
        started.resolve(signal)
      })
    const socket = await open()
    const client = createClient(socketChannel(socket), 'Albumen')
    const controller = new AbortController()
    const call = client.call('libraryStatus', {}, { signal: controller.signal })
    const failed = expect(call).rejects.toThrow()
    const signal = await started.promise
    end(socket, () => controller.abort())
    await failed
    await vi.waitFor(() => expect(signal.aborted).toBe(true), { timeout: 10_000 })
    socket.close()
  })

  test('every window hears what the engine tells', async () => {
    const heard: [number, unknown][] = []
    const sockets = await Promise.all([open(), open()])
    for (const [index, socket] of sockets.entries()) {
      const client = createClient(socketChannel(socket), 'Albumen')
      client.on('stale', (payload) => heard.push([index, payload]))
    }
    emit('stale', { queries: ['jobs'] })
    await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 10_000 })
    expect(heard.sort()).toEqual([
      [0, { queries: ['jobs'] }],
      [1, { queries: ['jobs'] }],
    ])
    for (const socket of sockets) socket.close()
  })

  test.each([
    [421, { host: 'evil.example' }],
    [403, { origin: 'http://evil.example' }],
    [403, { origin: 'null' }],
    [401, { cookie: '' }],
  ])('are refused with %i from %o', async (status, headers) => {
    await expect(open(headers)).rejects.toThrow(`Unexpected server response: ${status}`)
  })

  test.each([
    ['no JSON', 'hello', 1007],
    ['a message that a window does not send', '{"type":"result","id":1,"result":2}', 1005],
    ['bytes', Buffer.from('{}'), 1007],
    ['a message larger than any honest one', 'x'.repeat(5 * 1024 * 1024), 1009],
  ])('end with the connection after %s', async (_what, data, code) => {
    const socket = await open()
    const closed = closing(socket)
    socket.send(data)
    expect(await closed).toBe(code)
  })

  test('a window that reads nothing is dropped instead of filling the memory', async () => {
    const socket = await open()
    const closed = closing(socket)
    socket.pause()
    const payload = 'x'.repeat(1024 * 1024)
    let megabytes = 0
    while (listeners.get('jobs')?.size !== 0 && megabytes < 400) {
      emit('jobs', payload)
      megabytes += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(megabytes).toBeLessThan(150)
    socket.resume()
    expect(await closed).toBe(1006)
  })
})

test('closing the face ends its windows and frees the port', async () => {
  const options = { engine, rendererDirectory, port: 0, version: '1', log }
  const first = await startWebFace(options)
  await fetch(first.url, { redirect: 'manual' })
  await first.close()
  const second = await startWebFace({ ...options, port: first.port })
  await second.close()
})
