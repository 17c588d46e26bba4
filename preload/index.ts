/** @file Runs in the window, before the page and apart from it: hands the page its port to main. */
import { contextBridge, ipcRenderer } from 'electron'

/** `renderer/connection/sources.ts` has the page's side. */
contextBridge.exposeInMainWorld('albumen', {
  connect: () => ipcRenderer.send('connect'),
})

// A port cannot cross the context bridge; a message to the window itself can carry one.
ipcRenderer.on('connect', ({ ports }) => {
  window.postMessage({ type: 'albumen-port' }, '*', ports)
})
