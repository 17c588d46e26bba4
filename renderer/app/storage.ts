import { useState } from 'react'

/** A small setting of this window that outlives it. `read` turns what is stored into a valid value. */
export function useStored<Value>(
  name: string,
  read: (stored: unknown) => Value,
): [Value, (value: Value) => void] {
  const key = `albumen.${name}`
  const [value, setValue] = useState(() => read(load(key)))
  return [
    value,
    (next) => {
      setValue(next)
      try {
        localStorage.setItem(key, JSON.stringify(next))
      } catch {
        // Private windows may refuse; the setting then lasts as long as the window.
      }
    },
  ]
}

function load(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null')
  } catch {
    return null
  }
}
