import { useLayoutEffect, useRef } from 'react'

/** Whether nothing has the focus, as when the element that had it is gone. */
const isNowhere = () => (document.activeElement ?? document.body) === document.body

/**
 * Calls `restore` when the element with the focus is gone after a render. What is returned belongs on
 * the element in which it was.
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
