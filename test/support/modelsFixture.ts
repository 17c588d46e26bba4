/** The models of a library in a folder of its own, with a catalog that a server of the test has. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { CallContext } from '../../contract/commands.ts'
import type { InstalledModel, ModelList, ModelProgress } from '../../contract/models.ts'
import { createModels, type Models } from '../../main/engine/models/models.ts'
import { modelDirectories } from '../../main/engine/tags/modelDirectories.ts'
import { inProcessVision } from './inProcessVision.ts'
import { file, type ModelServer, startModelServer, withoutProxies } from './modelServer.ts'
import { catalogModel, smallResNet } from './smallCatalog.ts'

type Context = CallContext<ModelProgress>

/** For what need not be stopped or watched. */
export const idle: Context = { signal: new AbortController().signal, onProgress: () => {} }

export interface ModelsFixture {
  root: string
  /** Folder of the library's own models; not there before the first. */
  own: string
  models: Models
  server: ModelServer
  /** Of the model `small-1`, which the server has at `/small-1`. */
  bytes: Uint8Array
  /** Paths: the model in use, and what may run in its place. At first the one that comes along. */
  inUse: string[]
  list(): Promise<ModelList>
  installed(id: string): Promise<InstalledModel | undefined>
  /** Names in `own`, sorted, without the locks, which are hidden. */
  filesHere(): string[]
  close(): Promise<void>
}

/** The catalog has `small-1`, and `old-1` that cannot be run. */
export async function createModelsFixture(): Promise<ModelsFixture> {
  for (const [name, value] of Object.entries(withoutProxies)) vi.stubEnv(name, value)
  const server = await startModelServer()
  const root = mkdtempSync(join(tmpdir(), 'albumen-models-'))
  const own = join(root, 'library', 'models')
  const bytes = smallResNet(1)
  const directories = modelDirectories(join(root, 'library'))
  const models = createModels({
    own,
    directories,
    catalog: [
      catalogModel('small-1', server.serve('/small-1', file(bytes)), bytes),
      catalogModel('old-1', 'http://127.0.0.1:1/', bytes, { unusable: 'Get small-1 instead.' }),
    ],
    inUse: () => fixture.inUse,
    timing: { connect: 2000, silence: 2000, retries: [5, 10] },
    startProbe: inProcessVision,
  })
  const list = async () => models.listModels({}, idle)
  const fixture: ModelsFixture = {
    ...{ root, own, models, server, bytes, list },
    inUse: [join(directories[1] ?? '', 'starter', 'starter.onnx')],
    installed: async (id) => (await list()).installed.find((model) => model.id === id),
    filesHere: () =>
      existsSync(own)
        ? readdirSync(own)
            .filter((name) => !name.startsWith('.'))
            .sort()
        : [],
    async close() {
      await server.close()
      rmSync(root, { recursive: true })
    },
  }
  return fixture
}

/** Begins something and stops it when some of the model is here. */
export async function stopHalfway(run: (context: Context) => unknown): Promise<void> {
  const controller = new AbortController()
  const onProgress = ({ phase, received }: ModelProgress) => {
    if (phase === 'receiving' && received > 0) controller.abort(new Error('enough'))
  }
  const stopped = Promise.resolve(run({ signal: controller.signal, onProgress }))
  await expect(stopped).rejects.toThrow('enough')
}
