import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../../contract/errors.ts'
import { loadTaxonomy } from '../../models/taxonomy/taxonomy.ts'
import { type LibraryDatabase, libraryFile, openLibrary } from '../engine/db/open.ts'
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
export async function openForReading(
  options: Pick<CommonOptions, 'library' | 'model'>,
): Promise<ReadableLibrary> {
  if (!existsSync(libraryFile(options.library))) {
    throw new UserError(
      'no-library',
      `There is no library in ${options.library} yet: run "albumen index <folder>" first, or name another with --library.`,
    )
  }
  const library = openLibrary(options.library, 'shared')
  const { db } = library
  const modelId =
    options.model === null ? currentModelId(db) : await idOfModel(library, options.model)
  const taxonomy = loadTaxonomy()
  const search = createSearch({ db, taxonomy, currentModelId: () => modelId })
  return { library, db, taxonomy, modelId, search }
}

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
