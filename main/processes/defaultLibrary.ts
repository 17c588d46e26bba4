import { join } from 'node:path'
import envPaths from 'env-paths'

/** Where the library lies unless somebody says otherwise: the same for every face. */
export const defaultLibrary = (): string =>
  join(envPaths('Albumen', { suffix: '' }).data, 'library')
