import { useLayoutEffect, useRef } from 'react'

/** Whether no key would be heard: the element with the focus is gone, or was disabled. */
function isNowhere(): boolean {
  const element = document.activeElement ?? document.body
  return element === document.body || element.matches(':disabled')
}

/**
 * Calls `restore` when the element with the focus is gone or disabled after a render. What is returned
 * belongs on the element in which it was.
 */
export function useLostFocus(restore: () => void): {
  onFocus: () => void
  onBlur: () => void
} {
  const had = useRef(false)
  useLayoutEffect(() => {
    if (had.current && isNowhere()) restore()
  })
  return {
    onFocus() {
      had.current = true
    },
    // Not called for an element that a render takes away.
    onBlur() {
      had.current = false
    },
  }
}
