/** @file Runs in a process of its own: opens a library when it is told to, and says how that went. */
import { messageOf } from '../../contract/errors.ts'
import { type LibraryUse, openLibrary } from '../../main/engine/db/open.ts'

const [directory = '', use = 'shared'] = process.argv.slice(2)
process.once('message', () => {
  try {
    const library = openLibrary(directory, use as LibraryUse)
    library.db.prepare('SELECT count(*) FROM photo').get()
    library.close()
    process.send?.('opened')
  } catch (error) {
    process.send?.(messageOf(error))
  }
  process.disconnect()
})
process.send?.('ready')
