import type { App, Session, Shell, WebContents } from 'electron'
import { windowUrl } from './protocol.ts'

/** Pages about what Albumen works with, which a link of the window may open in the browser. */
const knownPages = [
  'https://github.com/onnx/models',
  'https://onnxruntime.ai/docs/',
  'https://wordnet.princeton.edu/',
]

/** The window loads its own files and nothing from anywhere else. */
const ownRequests = /^(albumen:\/\/app\/|blob:albumen:\/\/app\/|devtools:\/\/)/

export const isKnownPage = (url: string) => {
  if (!URL.canParse(url)) return false
  const { protocol, username, href } = new URL(url)
  const within = (page: string) =>
    href === page || href.startsWith(page.endsWith('/') ? page : `${page}/`)
  return protocol === 'https:' && username === '' && knownPages.some(within)
}

/** Nothing that a page asks for is granted: no permission, no device, no network. */
export function lockSession(
  session: Pick<
    Session,
    | 'setPermissionRequestHandler'
    | 'setPermissionCheckHandler'
    | 'setDevicePermissionHandler'
    | 'webRequest'
  >,
): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !ownRequests.test(url) }),
  )
}

/** Keeps every page where it is: it may load itself again, and open known pages in the browser. */
export function lockContents(app: Pick<App, 'on'>, shell: Pick<Shell, 'openExternal'>): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || event.url !== windowUrl) event.preventDefault()
    })
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      if (isKnownPage(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
}
