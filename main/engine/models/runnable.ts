import { messageOf, UserError } from '../../../contract/errors.ts'
import type { LoadedModel } from '../../../models/manifest.ts'
import { startProbe } from '../acceleration/probeProcess.ts'
import type { StartVision } from '../jobs/visionSupervisor.ts'
import { visionModel } from '../tags/currentModel.ts'

/** A ResNet-152 is loaded and run within seconds; what hangs shall end some time. */
const LOAD_MS = 180_000
/** For pictures after the first one, which tells enough. */
const PICTURES_MS = 1

/**
 * Runs a model once in ONNX Runtime, in a process of its own, which it may take down: that a graph
 * can be read says nothing of its weights and operators. `shown`: what its file is called. Throws
 * UserError for a model that does not run, not where ONNX Runtime itself cannot.
 */
export async function requireRunnable(
  loaded: LoadedModel,
  shown: string,
  start: StartVision,
  signal: AbortSignal,
): Promise<void> {
  const process = await startProbe(start, signal)
  try {
    const input = { model: visionModel(loaded), provider: 'cpu', maximumMs: PICTURES_MS }
    await process.call('openProbe', input, LOAD_MS)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof UserError && error.code === 'no-runtime') return
    throw new UserError('model-unusable', sentence(messageOf(error), loaded.file, shown))
  } finally {
    process.close()
  }
}

/** Vision's own sentence names the file that it was given, and ONNX Runtime's words have lines. */
function sentence(message: string, file: string, shown: string): string {
  const line = message.replace(/\s+/g, ' ').replace(/ \): /, '): ')
  return line.startsWith(file)
    ? line.replaceAll(file, shown)
    : `${shown} cannot be run by ONNX Runtime (${line.replace(/\.$/, '')}): choose another model.`
}
