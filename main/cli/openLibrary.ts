import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../../contract/errors.ts'
import { loadTaxonomy } from '../../models/taxonomy/taxonomy.ts'
import {
  type LibraryDatabase,
  type LibraryUse,
  libraryFile,
  openLibrary,
} from '../engine/db/open.ts'
import { modelIdOf } from '../engine/db/predictions.ts'
import type { RecordSource } from '../engine/library/records.ts'
import { createSearch, type Search } from '../engine/search/search.ts'
import { currentModelId, findModelFile } from '../engine/tags/currentModel.ts'
import { modelDirectories } from '../engine/tags/modelDirectories.ts'
import type { CommonOptions } from './index.ts'

export interface ReadableLibrary extends RecordSource {
  library: LibraryDatabase
  search: Search
}

/** Opens a library for asking, also beside an engine that works on it. Throws UserError for none. */
export const openForReading = (options: LibraryChoice): Promise<ReadableLibrary> =>
  open(options, 'shared')

/** Opens a library for changing what persons said. Throws UserError for none and for one in use. */
export const openForChanging = (options: LibraryChoice): Promise<ReadableLibrary> =>
  open(options, 'exclusive')

type LibraryChoice = Pick<CommonOptions, 'library' | 'model'>

async function open(options: LibraryChoice, use: LibraryUse): Promise<ReadableLibrary> {
  if (!existsSync(libraryFile(options.library))) throw noLibrary(options.library)
  const library = openLibrary(options.library, use)
  const { db } = library
  const modelId =
    options.model === null ? currentModelId(db) : await idOfModel(library, options.model)
  const taxonomy = loadTaxonomy()
  const search = createSearch({ db, taxonomy, currentModelId: () => modelId })
  return { library, db, taxonomy, modelId, search }
}

const noLibrary = (directory: string) =>
  new UserError(
    'no-library',
    `There is no library in ${directory} yet: run "albumen index <folder>" first, or name another with --library.`,
  )

export const unknownPhoto = (path: string): UserError =>
  new UserError(
    'unknown-photo',
    `The library does not know ${path}: run "albumen index" on the folder that it lies in.`,
  )

async function idOfModel({ db, directory }: LibraryDatabase, model: string): Promise<number> {
  const file = findModelFile(db, model, modelDirectories(directory))
  const hash = createHash('sha256')
  if (file) await pipeline(createReadStream(file), hash)
  const id = modelIdOf(db, hash.digest('hex'))
  if (id !== null) return id
  throw new UserError(
    'model-unused',
    `The model ${model} has not looked at this library yet: run "albumen index <folder> --model ${model}" first.`,
  )
}
