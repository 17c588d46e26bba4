import { EventEmitter } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { isOurs, protocolHandler, windowUrl } from '../../../main/shell/protocol.ts'
import { isKnownPage, lockContents, lockSession } from '../../../main/shell/security.ts'

describe('a page', () => {
  function page() {
    const app = new EventEmitter()
    const openExternal = vi.fn()
    lockContents(app as never, { openExternal })
    const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn() })
    app.emit('web-contents-created', {}, contents)
    const prevented = (event: string, details: object = {}) => {
      const preventDefault = vi.fn()
      contents.emit(event, { preventDefault, ...details })
      return preventDefault.mock.calls.length === 1
    }
    const open = (url: string) => contents.setWindowOpenHandler.mock.calls[0]?.[0]({ url })
    return { prevented, open, openExternal }
  }

  test('may load itself again and go nowhere else', () => {
    const { prevented } = page()
    const goes = (url: string, isMainFrame = true) =>
      !prevented('will-frame-navigate', { url, isMainFrame })
    expect(goes(windowUrl)).toBe(true)
    expect(goes('https://example.com/')).toBe(false)
    expect(goes('file:///etc/passwd')).toBe(false)
    expect(goes('albumen://app/media/picture/1')).toBe(false)
    expect(goes(windowUrl, false)).toBe(false)
    expect(prevented('will-redirect')).toBe(true)
    expect(prevented('will-attach-webview')).toBe(true)
  })

  test('opens no window; known pages open in the browser', () => {
    const { open, openExternal } = page()
    expect(open('https://evil.example/')).toEqual({ action: 'deny' })
    expect(openExternal).not.toHaveBeenCalled()
    expect(open('https://github.com/onnx/models')).toEqual({ action: 'deny' })
    expect(openExternal).toHaveBeenCalledWith('https://github.com/onnx/models')
  })
})

test.each([
  ['https://github.com/onnx/models', true],
  ['https://github.com/onnx/models/tree/main', true],
  ['https://github.com/onnx/models-evil', false],
  ['https://github.com/onnx/models/../../evil', false],
  ['http://github.com/onnx/models', false],
  ['https://onnxruntime.ai.evil.example/docs/', false],
  ['https://user@github.com/onnx/models', false],
  ['javascript:alert(1)', false],
  ['file:///etc/passwd', false],
  ['', false],
])('the link %s may be opened: %s', (url, expected) => {
  expect(isKnownPage(url)).toBe(expected)
})

describe('the session', () => {
  function locked() {
    const session = {
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
      webRequest: { onBeforeRequest: vi.fn() },
    }
    lockSession(session as never)
    return session
  }

  test('grants no permission and no device', () => {
    const session = locked()
    const answer = vi.fn()
    session.setPermissionRequestHandler.mock.calls[0]?.[0]({}, 'media', answer)
    expect(answer).toHaveBeenCalledWith(false)
    expect(session.setPermissionCheckHandler.mock.calls[0]?.[0]({}, 'geolocation')).toBe(false)
    expect(session.setDevicePermissionHandler.mock.calls[0]?.[0]({})).toBe(false)
  })

  test.each([
    ['albumen://app/media/thumbnail/1?v=2', false],
    ['devtools://devtools/bundled/inspector.html', false],
    ['https://example.com/pixel.gif', true],
    ['http://127.0.0.1:8080/', true],
    ['file:///etc/passwd', true],
    ['albumen://app.evil/', true],
  ])('a request of %s is cancelled: %s', (url, cancel) => {
    const answer = vi.fn()
    locked().webRequest.onBeforeRequest.mock.calls[0]?.[0]({ url }, answer)
    expect(answer).toHaveBeenCalledWith({ cancel })
  })
})

describe('the protocol', () => {
  const answered = async (url: string, initiatorOrigin?: string) => {
    const answer = vi.fn(async () => new Response('ours'))
    const request = Object.assign(new Request(url), initiatorOrigin && { initiatorOrigin })
    const response = await protocolHandler(answer)(request)
    return answer.mock.calls.length === 1 && response.status === 200
  }

  test('serves our own window and nobody else', async () => {
    expect(await answered('albumen://app/')).toBe(true)
    expect(await answered('albumen://app/media/thumbnail/1', 'albumen://app')).toBe(true)
    expect(await answered('albumen://other/')).toBe(false)
    expect(await answered('albumen://app/', 'https://evil.example')).toBe(false)
    expect(await answered('albumen://app/', 'null')).toBe(false)
  })

  test.each([
    ['albumen://app/', true],
    ['albumen://app/#photo', true],
    ['albumen://app.evil.example/', false],
    ['https://app/', false],
    ['about:blank', false],
    ['', false],
  ])('%s is ours: %s', (url, expected) => {
    expect(isOurs(url)).toBe(expected)
  })
})
