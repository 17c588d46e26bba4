import { useLayoutEffect } from 'react'
import { useStored } from './storage.ts'

const themes = ['system', 'light', 'dark'] as const
type Theme = (typeof themes)[number]

/** The theme and what comes after it when its button is pressed. */
export function useTheme(): { theme: Theme; next: () => void } {
  const [theme, setTheme] = useStored<Theme>(
    'theme',
    (stored) => themes.find((name) => name === stored) ?? 'system',
  )
  useLayoutEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])
  return {
    theme,
    next: () => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'),
  }
}
