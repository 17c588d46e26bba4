/** That models are run once before they count as sound, whatever that does to the process. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UserError } from '../../../contract/errors.ts'
import type { StartVision } from '../../../main/engine/jobs/visionSupervisor.ts'
import { requireRunnable } from '../../../main/engine/models/runnable.ts'
import { createVision } from '../../../main/vision/vision.ts'
import { loadModel } from '../../../models/manifest.ts'
import { type GraphProto, type ModelProto, modelProto } from '../../../models/onnx/schema.ts'
import { encodeModel } from '../../../models/onnx/write.ts'
import { inProcessVision, serveInProcess } from '../../support/inProcessVision.ts'
import { file } from '../../support/modelServer.ts'
import { createModelsFixture, idle, type ModelsFixture } from '../../support/modelsFixture.ts'
import { smallLabels, writeSmallModel } from '../../support/pictures.ts'

let fixture: ModelsFixture
let outside: string
beforeEach(async () => {
  fixture = await createModelsFixture()
  outside = join(fixture.root, 'outside')
})
afterEach(() => fixture.close())

function writeChanged(name: string, change: (graph: GraphProto) => void): string {
  const path = writeSmallModel(outside, name, 5)
  const model = modelProto.decode(readFileSync(path)) as ModelProto
  change(model.graph as GraphProto)
  writeFileSync(path, encodeModel(model))
  return path
}

const cutWeights = ({ initializer }: GraphProto) => {
  const [weights] = initializer ?? []
  Object.assign(weights ?? {}, { raw_data: weights?.raw_data?.subarray(0, 4) })
}
const unknownOperator = ({ node }: GraphProto) => {
  Object.assign(node?.find(({ op_type: op }) => op === 'Relu') ?? {}, { op_type: 'NoSuchOp' })
}

describe.each([
  ['cut weights', cutWeights, /does not match expected size/],
  ['an unknown operator', unknownOperator, /No Op registered for NoSuchOp/],
])('a model with %s', (_, change, reason) => {
  const refusal = (shown: string) => ({
    code: 'model-unusable',
    message: expect.stringMatching(
      new RegExp(`^${shown} cannot be run by ONNX Runtime \\(.*${reason.source}.*\\): [^\\n]*$`),
    ),
  })

  test('is not added from disk', async () => {
    const from = writeChanged('bad', change)
    const source = { from, manifest: null, id: null, anyArchitecture: false }
    await expect(fixture.models.addModel(source, idle)).rejects.toMatchObject(refusal(from))
    expect(fixture.filesHere()).toEqual([])
  })

  test('is not added from an address', async () => {
    const from = fixture.server.serve(
      '/bad.onnx',
      file(readFileSync(writeChanged('bad', change)), { etag: '"1"' }),
    )
    const source = { from, manifest: manifest(), id: null, anyArchitecture: false }
    await expect(fixture.models.addModel(source, idle)).rejects.toMatchObject(refusal(from))
    expect(fixture.filesHere()).toEqual([])
  })

  test('is not sound', async () => {
    mkdirSync(fixture.own, { recursive: true })
    const path = join(fixture.own, 'bad.onnx')
    writeFileSync(path, readFileSync(writeChanged('bad', change)))
    writeFileSync(join(fixture.own, 'bad.json'), readFileSync(manifest()))
    await expect(fixture.models.verifyModel({ id: 'bad' }, idle)).rejects.toMatchObject(
      refusal(path),
    )
  })
})

function manifest(): string {
  const path = join(outside, 'labels.json')
  writeFileSync(path, JSON.stringify({ labels: smallLabels }))
  return path
}

describe('a model that is run', () => {
  const { signal } = new AbortController()
  const loaded = () => loadModel(writeSmallModel(outside, 'pets', 5), { imagenetLabels: [] })
  const withProbe =
    (openProbe: () => Promise<never>): StartVision =>
    async () =>
      serveInProcess({ ...createVision(), openProbe })

  test('and ends the process in which that happens, is refused', async () => {
    const dying: StartVision = async () => {
      const process = await inProcessVision()
      setImmediate(process.kill)
      return process
    }
    await expect(requireRunnable(await loaded(), 'pets', dying, signal)).rejects.toMatchObject({
      code: 'model-unusable',
      message:
        'pets cannot be run by ONNX Runtime (It ended the process that tried it): choose another model.',
    })
  })

  test('and throws what nobody thought of, is refused with a sentence', async () => {
    const failing = withProbe(async () => {
      throw new RangeError('Maximum call stack size exceeded')
    })
    await expect(requireRunnable(await loaded(), 'pets', failing, signal)).rejects.toMatchObject({
      message: expect.stringContaining('(Maximum call stack size exceeded): choose another model.'),
    })
  })

  test('where ONNX Runtime cannot be loaded, is not to blame', async () => {
    const without = withProbe(async () => {
      throw new UserError('no-runtime', 'ONNX Runtime cannot be loaded on this machine.')
    })
    await requireRunnable(await loaded(), 'pets', without, signal)
  })

  test('stops when nobody waits for it any more', async () => {
    const controller = new AbortController()
    const hanging = withProbe(() => new Promise<never>(() => {}))
    const running = requireRunnable(await loaded(), 'pets', hanging, controller.signal)
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(running).rejects.toThrow('enough')
  })
})
