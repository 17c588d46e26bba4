import { useEffect, useRef } from 'react'

/** Whether keys are letters there. */
export function isTyping(element: Element): boolean {
  if (element instanceof HTMLInputElement) return !notTyped.has(element.type)
  return element.matches('textarea, select, [contenteditable]')
}

const notTyped = new Set(['button', 'checkbox', 'radio', 'range', 'submit'])

/** Such as `t`, `?`, `Mod+z`, `Shift+Mod+Z`: Mod is Ctrl, or Command where there is one. */
export function keyOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>,
): string {
  if (!event.ctrlKey && !event.metaKey) return letterOf(event)
  return `${event.shiftKey ? 'Shift+' : ''}Mod+${event.key.toLowerCase()}`
}

/** With Caps Lock a letter is what it is without. */
export const letterOf = ({ key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>): string =>
  /^\p{L}$/u.test(key) ? (shiftKey ? key.toUpperCase() : key.toLowerCase()) : key

interface Where {
  /** Dialogs, by selector, in which the keys work too. */
  dialogs?: string
}

/**
 * Keys that work wherever nothing is being typed and no dialog is open. An action that returns `false`
 * has nothing to do: the key goes its usual way then.
 */
export function useShortcuts(
  actions: Record<string, () => unknown>,
  { dialogs }: Where = {},
): void {
  const latest = useRef(actions)
  latest.current = actions
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.altKey || event.defaultPrevented) return
      const target = event.target as Element
      // A dialog in front has the keys, wherever the focus is.
      const dialog = target.closest('dialog') ?? document.querySelector('dialog')
      if (isTyping(target) || (dialog && !(dialogs && dialog.matches(dialogs)))) return
      const action = latest.current[keyOf(event)]
      if (!action || action() === false) return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [dialogs])
}
