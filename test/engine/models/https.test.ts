/** Encrypted downloads: through a proxy's tunnel, and never from there to plain http. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createProxy, type Server } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAlbumen } from '../../support/commandLine.ts'
import { type Behaviour, file, sha256Of, withoutProxies } from '../../support/modelServer.ts'
import { catalogModel, smallResNet } from '../../support/smallCatalog.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.warn('SKIPPED: downloads over https, because there is no openssl.')

const bytes = smallResNet(1)

describe.skipIf(!hasOpenssl)('over https', () => {
  let root: string
  let server: Server
  let proxy: Server
  let behaviour: Behaviour = file(bytes)
  const tunnels: string[] = []
  const portOf = (each: Server) => (each.address() as AddressInfo).port
  const listening = (each: Server) =>
    new Promise<void>((ready) => each.listen(0, '127.0.0.1', () => ready()))

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'albumen-https-'))
    const [key, certificate] = [join(root, 'key.pem'), join(root, 'certificate.pem')]
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=models.example'],
      ...['-addext', 'subjectAltName=DNS:models.example,IP:127.0.0.1'],
    ])
    expect(made.status).toBe(0)
    server = createServer(
      { key: readFileSync(key), cert: readFileSync(certificate) },
      (request, response) => void behaviour(request, response, 1),
    )
    proxy = createProxy().on('connect', ({ url = '' }, client) => {
      tunnels.push(url)
      const upstream = connect(portOf(server), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connected\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      for (const end of [upstream, client]) end.on('error', () => upstream.destroy())
    })
    await Promise.all([listening(server), listening(proxy)])
  })
  afterAll(() => {
    for (const each of [server, proxy]) {
      each?.closeAllConnections()
      each?.close()
    }
    rmSync(root, { recursive: true, maxRetries: 5 })
  })

  /** Gets the model into a library of its own; `url`: where the catalog says that it lies. */
  function get(name: string, url: string, env: NodeJS.ProcessEnv) {
    const catalog = join(root, `${name}.json`)
    writeFileSync(catalog, JSON.stringify([catalogModel('small', url, bytes)]))
    return startAlbumen(['models', 'get', 'small', '--library', join(root, name)], {
      env: {
        ...process.env,
        ...withoutProxies,
        ALBUMEN_MODEL_CATALOG: catalog,
        NODE_EXTRA_CA_CERTS: join(root, 'certificate.pem'),
        ...env,
      },
    }).finished
  }
  const own = () => `https://127.0.0.1:${portOf(server)}/small.onnx`

  test('a model comes through the tunnel of HTTPS_PROXY', async () => {
    behaviour = file(bytes)
    const got = await get('tunnel', 'https://models.example/small.onnx', {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
    })
    expect(got).toMatchObject({ code: 0, stderr: '' })
    const path = join(root, 'tunnel', 'models', 'small.onnx')
    expect(sha256Of(readFileSync(path))).toBe(sha256Of(bytes))
    expect(tunnels).toEqual(['models.example:443'])
  })

  test('NO_PROXY goes around it', async () => {
    tunnels.length = 0
    const got = await get('direct', own(), {
      ...{ HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`, NO_PROXY: '127.0.0.1' },
    })
    expect(got).toMatchObject({ code: 0, stderr: '' })
    expect(tunnels).toEqual([])
  })

  test('a proxy that lets nothing pass is one sentence that says what to correct', async () => {
    const strict = createProxy().on('connect', (_, client) => {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    })
    await listening(strict)
    const { code, stderr } = await get('strict', 'https://models.example/small.onnx', {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(strict)}`,
    })
    strict.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^albumen: The proxy does not let the request pass .*: correct HTTPS_PROXY[^\n]*\n$/,
    )
  })

  test('a redirect to plain http is not followed', async () => {
    behaviour = (_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:9/small.onnx' }).end()
    const { code, stderr } = await get('redirect', own(), {})
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^albumen: 127\.0\.0\.1:\d+ sends on to 127\.0\.0\.1:9 without encryption/,
    )
  })

  test('a certificate that nobody vouches for is not trusted', async () => {
    behaviour = file(bytes)
    const unknown = { NODE_EXTRA_CA_CERTS: '' }
    const { code, stderr } = await get('unknown', own(), unknown)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^albumen: 127\.0\.0\.1:\d+ cannot prove that it is 127\.0\.0\.1:\d+ /)
  })
})
