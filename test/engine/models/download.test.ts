/** Downloads from a server that cuts, lies, stalls and changes its mind. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ModelProgress } from '../../../contract/models.ts'
import { type Download, downloadFile } from '../../../main/engine/models/download.ts'
import {
  answer,
  type Behaviour,
  file,
  first,
  type ModelServer,
  manyBytes,
  sha256Of,
  startModelServer,
  withoutProxies,
} from '../../support/modelServer.ts'

const timing = { connect: 2000, silence: 400, retries: [5, 10, 20] }
const bytes = manyBytes(1_500_000)
const other = manyBytes(1_500_000, 2)

let server: ModelServer
let folder: string
beforeAll(async () => {
  for (const [name, value] of Object.entries(withoutProxies)) vi.stubEnv(name, value)
  server = await startModelServer()
})
afterAll(() => server.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'albumen-download-'))
  server.requests.length = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const partial = () => join(folder, 'model.onnx.partial')
const received = () => (existsSync(partial()) ? readFileSync(partial()) : null)
const ranges = () => server.requests.map(({ range }) => range)

/** A file whose size and sha256 are known, as those of the catalog are. */
const known = (url: string): Download => ({
  ...{ url, partial: partial(), bytes: bytes.byteLength, sha256: sha256Of(bytes) },
  maximumBytes: 10_000_000,
})
/** A file of which nothing is known, as somebody's own. */
const unknown = (url: string): Download => ({ ...known(url), bytes: null, sha256: null })

function download(wanted: Download, signal = new AbortController().signal) {
  const progress: ModelProgress[] = []
  const onProgress = (step: ModelProgress) => progress.push(step)
  return Object.assign(downloadFile(wanted, timing, { signal, onProgress }), { progress })
}

/** Stops a download when so many bytes are here. */
async function stopAfter(wanted: Download, amount: number): Promise<void> {
  const controller = new AbortController()
  const stopped = downloadFile(wanted, timing, {
    signal: controller.signal,
    onProgress: ({ phase, received }) => {
      if (phase === 'receiving' && received >= amount) controller.abort(new Error('enough'))
    },
  })
  await expect(stopped).rejects.toThrow('enough')
}

describe('a download', () => {
  test('brings the file, tells how far it is, and verifies what lies on the disk', async () => {
    const running = download(known(server.serve('/a', file(bytes))))
    expect(await running).toBe(sha256Of(bytes))
    expect(received()?.equals(bytes)).toBe(true)
    const phases = running.progress.map(({ phase }) => phase)
    expect([...new Set(phases)]).toEqual(['connecting', 'receiving', 'verifying'])
    const last = running.progress.filter(({ phase }) => phase === 'receiving').at(-1)
    expect(last).toMatchObject({ received: bytes.byteLength, total: bytes.byteLength })
  })

  test('goes on where the connection was cut, and asks for no byte twice', async () => {
    const url = server.serve('/a', file(bytes, { cuts: [200_000, 300_000, 65_536] }))
    const running = download(known(url))
    await running
    expect(received()?.equals(bytes)).toBe(true)
    expect(ranges()).toEqual([null, 'bytes=200000-', 'bytes=500000-', 'bytes=565536-'])
    expect(running.progress.map(({ phase }) => phase)).toContain('waiting')
  })

  test('gives up after several tries without a new byte, and keeps what is here', async () => {
    const cut = file(bytes, { cuts: [100_000] })
    const url = server.serve(
      '/a',
      first(1, cut, (request) => request.socket.destroy()),
    )
    await expect(download(known(url))).rejects.toMatchObject({
      code: 'download-lost',
      message: expect.stringMatching(/get it again; it goes on after the 1 MB that are here\.$/),
    })
    expect(server.requests).toHaveLength(1 + timing.retries.length)
    expect(received()?.equals(bytes.subarray(0, 100_000))).toBe(true)
  })

  test('from a host that is not there leaves nothing behind and says so', async () => {
    const closed = await startModelServer()
    await closed.close()
    await expect(download(known(`${closed.origin}/a`))).rejects.toMatchObject({
      code: 'download-lost',
      message: expect.stringContaining('check the connection to the network'),
    })
    expect(received()).toBeNull()
  })

  test('starts over with a server that gives no parts', async () => {
    const url = server.serve('/a', file(bytes, { cuts: [300_000], ignoresRange: true }))
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
    expect(server.requests).toHaveLength(2)
  })

  test('is stopped by its signal, keeps what is here, and goes on later', async () => {
    const url = server.serve('/a', file(bytes, { pause: 5 }))
    await stopAfter(known(url), 200_000)
    const before = received()?.byteLength ?? 0
    expect(before).toBeGreaterThanOrEqual(200_000)
    expect(before).toBeLessThan(bytes.byteLength)
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
    expect(ranges()).toEqual([null, `bytes=${before}-`])
  })

  test('of what is here in full asks nobody', async () => {
    writeFileSync(partial(), bytes)
    expect(await download(known(server.serve('/a', file(bytes))))).toBe(sha256Of(bytes))
    expect(server.requests).toEqual([])
  })

  test('of more than fits on the disk asks nobody', async () => {
    const wanted = { ...known(server.serve('/a', file(bytes))), bytes: 1e17 }
    await expect(download(wanted)).rejects.toMatchObject({
      code: 'no-room',
      message: expect.stringMatching(/needs another .* MB and .* has .* MB left: make room/),
    })
    expect(server.requests).toEqual([])
  })
})

describe('a file that is not what it should be', () => {
  test('with a wrong byte is deleted', async () => {
    const damaged = Buffer.from(bytes)
    damaged[700_000] = (damaged[700_000] ?? 0) ^ 1
    const wanted = known(server.serve('/a', file(damaged)))
    await expect(download(wanted)).rejects.toMatchObject({
      code: 'download-damaged',
      message: expect.stringContaining('was deleted: get it again'),
    })
    expect(received()).toBeNull()
    expect(existsSync(`${partial()}.json`)).toBe(false)
  })

  test('put together from two versions is got once more as a whole', async () => {
    writeFileSync(partial(), other.subarray(0, 400_000))
    await download(known(server.serve('/a', file(bytes))))
    expect(received()?.equals(bytes)).toBe(true)
    expect(ranges()).toEqual(['bytes=400000-', null])
  })

  test('put together wrongly is got once more, not for ever', async () => {
    writeFileSync(partial(), other.subarray(0, 400_000))
    const url = server.serve(
      '/a',
      file(manyBytes(bytes.byteLength, 3), { cuts: [bytes.byteLength, 500_000] }),
    )
    await expect(download(known(url))).rejects.toMatchObject({ code: 'download-damaged' })
    expect(ranges()).toEqual(['bytes=400000-', null, 'bytes=500000-'])
    expect(received()).toBeNull()
  })

  test('of another length is refused before it is read', async () => {
    const wanted = known(server.serve('/a', file(bytes.subarray(0, 5000))))
    await expect(download(wanted)).rejects.toMatchObject({ code: 'download-other-file' })
    expect(received()).toBeNull()
    expect(server.requests).toHaveLength(1)
  })

  test('is stopped when more comes than was announced', async () => {
    const more = Buffer.concat([bytes, bytes, bytes])
    const wanted = known(server.serve('/a', file(more, { chunked: true, pause: 1 })))
    await expect(download(wanted)).rejects.toMatchObject({ code: 'download-other-file' })
    expect(received()).toBeNull()
  })

  test('of a length that nobody knows is stopped at the largest that a model may be', async () => {
    const wanted = { ...unknown(server.serve('/a', file(bytes, { chunked: true }))) }
    const small = { ...wanted, maximumBytes: 1_000_000 }
    await expect(download(small)).rejects.toMatchObject({ code: 'download-too-large' })
    expect(received()).toBeNull()
    const announced = { ...small, url: server.serve('/b', file(bytes)) }
    await expect(download(announced)).rejects.toMatchObject({ code: 'download-too-large' })
  })

  test('shorter than its Content-Length is one whose connection was lost', async () => {
    const short: Behaviour = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.byteLength })
      response.write(bytes.subarray(0, 400_000))
      setTimeout(() => response.socket?.end(), 50)
    }
    const url = server.serve('/a', first(1, short, file(bytes)))
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
    expect(ranges()).toEqual([null, 'bytes=400000-'])
  })
})

describe('what is no model, such as the login page of a network', () => {
  const page = Buffer.from('<html><form>Your room number</form></html>')
  const portal = { chunked: true }

  test.each([
    [
      'text/html; charset=utf-8',
      'download-web-page',
      /wants you to sign in: .* get the model again/,
    ],
    ['application/xhtml+xml', 'download-web-page', /A web page comes from 127\.0\.0\.1/],
    ['application/octet-stream', 'download-no-model', /is no ONNX model: see with a browser/],
  ])(
    'as %s, without a length, is refused at once and leaves nothing',
    async (type, code, message) => {
      const url = server.serve('/a', file(page, { ...portal, type }))
      for (const wanted of [known(url), unknown(url)]) {
        const failed = download(wanted)
        await expect(failed).rejects.toMatchObject({
          code,
          message: expect.stringMatching(message),
        })
        expect(received()).toBeNull()
        expect(existsSync(`${partial()}.json`)).toBe(false)
      }
      expect(server.requests).toHaveLength(2)
    },
  )

  test.each(['text/html', 'application/octet-stream'])(
    'as %s, costs nothing of what is here',
    async (type) => {
      const url = server.serve('/a', file(bytes, { pause: 5 }))
      await stopAfter(known(url), 200_000)
      const before = received()
      server.serve('/a', file(page, { ...portal, type, ignoresRange: true }))
      await expect(download(known(url))).rejects.toThrow(/sign in/)
      expect(received()).toEqual(before)
      server.serve('/a', file(bytes))
      await download(known(url))
      expect(ranges().at(-1)).toBe(`bytes=${before?.byteLength}-`)
    },
  )

  test('and was kept by a version of before, is not continued', async () => {
    writeFileSync(partial(), page)
    await download(known(server.serve('/a', file(bytes))))
    expect(received()?.equals(bytes)).toBe(true)
    expect(ranges()).toEqual([null])
  })

  test('said by status 511, is told', async () => {
    await expect(download(known(server.serve('/a', answer(511))))).rejects.toMatchObject({
      code: 'download-web-page',
    })
  })

  test('or nothing at all, is asked for again, then given up', async () => {
    const url = server.serve('/a', file(Buffer.alloc(0)))
    const failed = download(unknown(url))
    await expect(failed).rejects.toMatchObject({ code: 'download-lost' })
    await expect(failed).rejects.toThrow('sends nothing')
  })
})

describe('a file of which the sha256 is known', () => {
  test('is not continued when the server says that it has changed', async () => {
    const url = server.serve('/a', file(other, { etag: '"one"', pause: 5 }))
    await stopAfter(known(url), 200_000)
    server.serve('/a', file(bytes, { etag: '"two"' }))
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
    expect(server.requests.map(({ ifRange }) => ifRange)).toEqual([null, '"one"'])
  })

  test('goes on from another address', async () => {
    await stopAfter(known(server.serve('/a', file(bytes, { etag: '"x"', pause: 5 }))), 200_000)
    const before = received()?.byteLength
    await download(known(server.serve('/b', file(bytes, { etag: '"y"' }))))
    expect(server.requests.at(-1)).toMatchObject({ range: `bytes=${before}-`, ifRange: null })
  })
})

describe('a file of which nothing is known', () => {
  test('goes on while the server says that it is the same', async () => {
    const url = server.serve('/a', file(bytes, { etag: '"one"', pause: 5 }))
    await stopAfter(unknown(url), 200_000)
    const before = received()?.byteLength
    expect(await download(unknown(url))).toBe(sha256Of(bytes))
    expect(server.requests.at(-1)).toMatchObject({ range: `bytes=${before}-`, ifRange: '"one"' })
  })

  test('starts over when it has changed in between', async () => {
    const url = server.serve('/a', file(bytes, { etag: '"one"', pause: 5 }))
    await stopAfter(unknown(url), 200_000)
    server.serve('/a', file(other, { etag: '"two"' }))
    expect(await download(unknown(url))).toBe(sha256Of(other))
    expect(received()?.equals(other)).toBe(true)
  })

  test('starts over when it changes after a cut', async () => {
    const before = file(bytes, { etag: '"one"', cuts: [500_000] })
    const url = server.serve('/a', first(1, before, file(other, { etag: '"two"' })))
    expect(await download(unknown(url))).toBe(sha256Of(other))
  })

  test.each([
    ['no ETag', {}],
    ['a weak ETag', { etag: 'W/"one"' }],
  ])('starts over with %s: nothing says that the parts fit', async (_, manners) => {
    const url = server.serve('/a', file(bytes, { ...manners, pause: 5 }))
    await stopAfter(unknown(url), 200_000)
    expect(await download(unknown(url))).toBe(sha256Of(bytes))
    expect(ranges()).toEqual([null, null])
  })

  test('starts over with another address', async () => {
    await stopAfter(unknown(server.serve('/a', file(other, { etag: '"x"', pause: 5 }))), 200_000)
    expect(await download(unknown(server.serve('/b', file(bytes, { etag: '"x"' }))))).toBe(
      sha256Of(bytes),
    )
    expect(ranges()).toEqual([null, null])
  })

  test('is done when the server has nothing beyond what is here', async () => {
    const url = server.serve('/a', file(bytes, { etag: '"one"' }))
    await download(unknown(url))
    expect(await download(unknown(url))).toBe(sha256Of(bytes))
    expect(ranges()).toEqual([null, `bytes=${bytes.byteLength}-`])
  })
})

describe('a server that', () => {
  test.each([
    [403, 'download-refused', /does not give the file out \(403\): get it with a browser/],
    [404, 'download-missing', /There is no file at .* \(404\): check the address/],
    [407, 'download-proxy', /asks for a password.*correct HTTPS_PROXY/],
  ])('answers %d is asked once', async (status, code, message) => {
    const wanted = known(server.serve('/a', answer(status)))
    const failed = download(wanted)
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(server.requests).toHaveLength(1)
    expect(received()).toBeNull()
  })

  test.each([500, 503, 429])('answers %d for a while is asked again', async (status) => {
    const url = server.serve('/a', first(2, answer(status), file(bytes)))
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
  })

  test('asks us to wait is obeyed', async () => {
    const url = server.serve('/a', first(1, answer(503, { 'retry-after': '1' }), file(bytes)))
    const start = performance.now()
    await download(known(url))
    expect(performance.now() - start).toBeGreaterThan(950)
  })

  test('always answers 500 is given up', async () => {
    const failed = download(known(server.serve('/a', answer(500))))
    await expect(failed).rejects.toMatchObject({ code: 'download-lost' })
    await expect(failed).rejects.toThrow('answers 500')
  })

  test('has no more the part that is missing, is asked for all of it', async () => {
    writeFileSync(partial(), manyBytes(bytes.byteLength - 1, 3))
    const url = server.serve('/a', first(1, answer(416), file(bytes)))
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
    expect(ranges()).toEqual([`bytes=${bytes.byteLength - 1}-`, null])
  })

  test('sends another part than was asked for is asked for all of it', async () => {
    writeFileSync(partial(), bytes.subarray(0, 1000))
    const range = `bytes 0-${bytes.byteLength - 1}/${bytes.byteLength}`
    const whole: Behaviour = (_, response) =>
      response.writeHead(206, { 'content-range': range }).end(bytes)
    const url = server.serve('/a', first(1, whole, file(bytes)))
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
  })

  test('falls silent is left and asked again', async () => {
    const silent: Behaviour = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.byteLength })
      response.write(bytes.subarray(0, 300_000))
    }
    const url = server.serve('/a', first(1, silent, file(bytes)))
    await download(known(url))
    expect(received()?.equals(bytes)).toBe(true)
    expect(ranges()).toEqual([null, 'bytes=300000-'])
  })

  test('never answers is given up', async () => {
    const wanted = known(server.serve('/a', () => {}))
    const context = { signal: new AbortController().signal, onProgress: () => {} }
    const failed = downloadFile(wanted, { ...timing, retries: [5] }, context)
    await expect(failed).rejects.toMatchObject({
      code: 'download-lost',
      message: expect.stringContaining('does not answer'),
    })
    expect(server.requests).toHaveLength(2)
  })
})

describe('redirects', () => {
  const to = (location: string) => answer(302, { location })

  test('are followed, on the same host and to others, with the part that is wanted', async () => {
    const elsewhere = await startModelServer()
    try {
      const end = elsewhere.serve('/c', file(bytes, { cuts: [400_000] }))
      server.serve('/b', to(end))
      await download(known(server.serve('/a', to('/b'))))
      expect(received()?.equals(bytes)).toBe(true)
      expect(elsewhere.requests.map(({ range }) => range !== null)).toEqual([false, true])
    } finally {
      await elsewhere.close()
    }
  })

  test('in a circle are left after a few', async () => {
    server.serve('/b', to('/a'))
    await expect(download(known(server.serve('/a', to('/b'))))).rejects.toMatchObject({
      code: 'download-redirects',
    })
    expect(server.requests).toHaveLength(6)
  })

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/a', 'http://'])(
    'to %s are not followed',
    async (location) => {
      const wanted = known(server.serve('/a', to(location)))
      await expect(download(wanted)).rejects.toMatchObject({ code: 'download-redirects' })
    },
  )
})

describe('a name and a password in the address', () => {
  const withPassword = (url: string) => url.replace('//', '//m%C3%A9:p%40ss@')
  const authorization = `Basic ${Buffer.from('mé:p@ss').toString('base64')}`

  test('are sent with every part, and stored nowhere', async () => {
    const url = server.serve('/a', file(bytes, { etag: '"1"', cuts: [300_000] }))
    await download(unknown(withPassword(url)))
    expect(server.requests).toMatchObject([
      { range: null, authorization },
      { range: 'bytes=300000-', ifRange: '"1"', authorization },
    ])
    expect(JSON.parse(readFileSync(`${partial()}.json`, 'utf8'))).toEqual({ url, validator: '"1"' })
  })

  test('go with a redirect on the same origin, and to no other', async () => {
    const elsewhere = await startModelServer()
    try {
      server.serve('/b', answer(302, { location: elsewhere.serve('/c', file(bytes)) }))
      await download(known(withPassword(server.serve('/a', answer(302, { location: '/b' })))))
      expect(server.requests).toMatchObject([{ authorization }, { authorization }])
      expect(elsewhere.requests).toMatchObject([{ authorization: null }])
    } finally {
      await elsewhere.close()
    }
  })

  test.each([401, 403, 404, 500])('appear in no message, as that of %d', async (status) => {
    const wanted = known(withPassword(server.serve('/a', answer(status))))
    const error = await download(wanted).catch((reason: Error) => reason)
    expect(String(error)).toContain('127.0.0.1')
    expect(String(error)).not.toMatch(/p%40ss|p@ss/)
  })

  test('are asked for where they are missing', async () => {
    await expect(download(known(server.serve('/a', answer(401))))).rejects.toMatchObject({
      code: 'download-password',
      message: expect.stringContaining('write them into the address'),
    })
  })

  test('that cannot be read are told without being shown', async () => {
    const url = server.serve('/a', file(bytes)).replace('//', '//me:100%x@')
    await expect(download(known(url))).rejects.toMatchObject({
      code: 'bad-address',
      message: expect.stringMatching(/^(?!.*100%x).*write it as %25\.$/),
    })
    expect(server.requests).toEqual([])
  })
})

describe('a proxy of the environment', () => {
  test.each(['nonsense', 'proxy.example:3128'])(
    'that is %s says what to correct',
    async (proxy) => {
      vi.stubEnv('HTTP_PROXY', proxy)
      await expect(download(known(server.serve('/a', file(bytes))))).rejects.toMatchObject({
        message: expect.stringContaining('PROXY'),
      })
      vi.stubEnv('HTTP_PROXY', undefined)
    },
  )

  test('is asked for plain http, unless NO_PROXY names the host', async () => {
    const proxy = await startModelServer()
    try {
      // A proxy is asked for the whole address; its path leads to the same behaviour here.
      proxy.serve('/a', file(bytes))
      vi.stubEnv('HTTP_PROXY', proxy.origin)
      await download(known('http://models.example/a'))
      expect(received()?.equals(bytes)).toBe(true)
      expect(proxy.requests).toHaveLength(1)

      rmSync(partial())
      vi.stubEnv('NO_PROXY', '127.0.0.1')
      await download(known(server.serve('/a', file(bytes))))
      expect(proxy.requests).toHaveLength(1)
      expect(server.requests).toHaveLength(1)
    } finally {
      for (const [name, value] of Object.entries(withoutProxies)) vi.stubEnv(name, value)
      await proxy.close()
    }
  })
})
