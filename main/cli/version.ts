import { readFileSync } from 'node:fs'

/** Albumen's version: package.json lies two folders above the source, three above the built file. */
export function version(): string {
  const up = import.meta.url.endsWith('.ts') ? '../..' : '../../..'
  const file = new URL(`${up}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
