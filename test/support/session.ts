import { type RunningApp, serve } from './app.ts'
import { launchChromium } from './chromium.ts'
import { type AlbumenWindow, openWindow } from './window.ts'

export interface Session {
  app: RunningApp
  window: AlbumenWindow
  /** Starts Albumen once more on the same arguments and opens a window of it. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Albumen, a browser, and a window of Albumen in it. `args`: of `albumen serve`; `env`: beyond ours. */
export async function openSession(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Session> {
  const [browser, app] = await Promise.all([launchChromium(), serve(args, env)])
  const session: Session = {
    app,
    window: await openWindow(browser, app.url),
    async restart() {
      await session.window.close()
      session.app = await serve(args, env)
      session.window = await openWindow(browser, session.app.url)
    },
    async close() {
      await browser.close()
      await session.app.stop()
    },
  }
  return session
}
