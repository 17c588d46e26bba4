/**
 * @file The window's entry, in a sandboxed page without Node: desktop and browser face alike.
 */
import './connection/strictPolicy.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/app.css'
import './styles/panel.css'
import './styles/grid.css'
import './styles/viewer.css'
import './styles/dialogs.css'
import './styles/selection.css'
import './styles/tags.css'
import './styles/settings.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import { createConnection } from './connection/connection.ts'
import { createQueryClient, followEngine } from './connection/freshness.ts'
import { ConnectionProvider } from './connection/hooks.tsx'
import { bridgeSource, socketSource } from './connection/sources.ts'
import { createToasts, ToastsProvider } from './dialogs/toasts.tsx'

const connection = createConnection(
  window.albumen
    ? bridgeSource(window.albumen)
    : socketSource(`${location.origin.replace(/^http/, 'ws')}/rpc`),
)
const toasts = createToasts()
const queryClient = createQueryClient(toasts.showError)
followEngine(connection, queryClient)

const root = document.getElementById('root')
if (!root) throw new Error('The page has no element to render into.')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ConnectionProvider connection={connection}>
        <ToastsProvider toasts={toasts}>
          <App />
        </ToastsProvider>
      </ConnectionProvider>
    </QueryClientProvider>
  </StrictMode>,
)
