import type { App } from 'electron'

/** Lets the app end only after `stop` is done, whatever made it end. */
export function stopBeforeQuitting(app: Pick<App, 'on' | 'quit'>, stop: () => Promise<void>): void {
  let state: 'running' | 'stopping' | 'stopped' = 'running'
  // Not 'before-quit': windows close first, so that nobody sees them without their engine.
  app.on('will-quit', (event) => {
    if (state === 'stopped') return
    event.preventDefault()
    if (state === 'stopping') return
    state = 'stopping'
    void stop().finally(() => {
      state = 'stopped'
      app.quit()
    })
  })
}
