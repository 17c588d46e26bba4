import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { messageOf, UserError } from '../../contract/errors.ts'

const pieceSize = 8 * 1024 * 1024
/** Bytes; protobuf's own limit. */
export const largestModel = 2 ** 31 - 1

/**
 * The bytes of a model and their sha256 in hexadecimal, read once in pieces. Throws UserError for
 * a file that is missing, out of reach or over 2 GB.
 */
export async function readModelFile(file: string): Promise<{ bytes: Uint8Array; sha256: string }> {
  try {
    await using handle = await open(file)
    const { size } = await handle.stat()
    if (size > largestModel) {
      throw new UserError('model-too-large', `${file} is larger than 2 GB: choose a smaller model.`)
    }
    const bytes = Buffer.allocUnsafeSlow(size)
    const hash = createHash('sha256')
    let position = 0
    while (position < size) {
      const length = Math.min(pieceSize, size - position)
      const { bytesRead } = await handle.read(bytes, position, length, position)
      if (bytesRead === 0) break
      hash.update(bytes.subarray(position, position + bytesRead))
      position += bytesRead
    }
    return { bytes: bytes.subarray(0, position), sha256: hash.digest('hex') }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw isMissing(error)
      ? new UserError('model-missing', `There is no model at ${file}: check the path.`)
      : new UserError('model-unreadable', `${file} cannot be read: ${messageOf(error)}.`)
  }
}

/**
 * The sha256 of a model that keeps weights in other files, which lie beside it: other weights are
 * another model. `shown`: what messages call it; `sha256`: of its own bytes. Throws UserError for a
 * file that cannot be read, or lies elsewhere.
 */
export async function hashWithWeights(
  { file, shown }: { file: string; shown: string },
  sha256: string,
  names: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(sha256)
  for (const name of names) {
    try {
      await using handle = await open(besides(file, name))
      if (!(await handle.stat()).isFile()) throw new Error('it is no file')
      for await (const piece of handle.createReadStream({ autoClose: false })) hash.update(piece)
    } catch (error) {
      throw new UserError(
        'model-external-weights',
        `${shown} keeps its weights in another file, ${name}, which cannot be read (${messageOf(error)}): put that beside it, or export it again as one file (in PyTorch: external_data=False).`,
      )
    }
  }
  return hash.digest('hex')
}

/** ONNX Runtime opens none elsewhere either. */
function besides(file: string, name: string): string {
  const folder = dirname(resolve(file))
  const path = resolve(folder, name)
  if (relative(folder, path).startsWith('..') || isAbsolute(name)) {
    throw new Error('it lies outside of the model’s folder')
  }
  return path
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
