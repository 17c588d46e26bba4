import { availableParallelism } from 'node:os'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { messageOf, UserError } from '../../contract/errors.ts'
import { readModelFile } from '../../models/onnx/file.ts'
import { type ExposedModel, exposeFeatures } from '../../models/resnet/expose.ts'
import type { Execution, Provider } from '../rpc/execution.ts'
import type { VisionModel } from '../rpc/visionCommands.ts'
import { centredWeights } from './heatMap.ts'

/** The last feature maps of one photo: float32, row-major, [channels, rows, columns]. */
export interface FeatureMaps {
  data: Float32Array
  channels: number
  rows: number
  columns: number
}

export interface Answers {
  /** Float32 [count, classes], row-major. */
  classes: Float32Array
  /** The pooled features: float32 [count, features], row-major; `null` for a model without. */
  features: Float32Array | null
}

/** A model that is loaded and can be run. */
export interface ModelSession {
  /** How many photos it insists on getting at once; `null`: any number. */
  fixedBatch: number | null
  /** `input`: float32 [count, 3, side, side]. */
  run(input: Float32Array, count: number): Promise<Answers>
  /** `null` for a model that does not end in pooled features and one linear layer. */
  inside: {
    /** What tells the classes apart in the features: [classes, channels], row-major; see `centredWeights`. */
    weights: Float32Array
    /** The feature maps of the first photo of `input`. */
    maps(input: Float32Array, count: number): Promise<FeatureMaps>
  } | null
  release(): Promise<void>
}

export type OpenSession = (
  model: VisionModel,
  execution: Pick<Execution, 'provider' | 'threads'>,
) => Promise<ModelSession>

/** Not before a model is wanted: there is no build for Macs with Intel processors. */
export async function loadRuntime(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node')
  } catch (error) {
    throw new UserError(
      'no-runtime',
      `ONNX Runtime cannot be loaded on this machine (${messageOf(error)}): photos are indexed without tags.`,
      { cause: error },
    )
  }
}

/** Throws UserError for a model that ONNX Runtime cannot load with the provider. */
export const openSession: OpenSession = async (model, { provider, threads }) => {
  const ort = await loadRuntime()
  const exposed = await exposedModel(model.file)
  const session = await createSession(ort, model, exposed, { provider, threads })
  const side = model.inputSize
  const feeds = (input: Float32Array, count: number) => {
    const values = input.subarray(0, count * 3 * side * side)
    return { [model.inputName]: new ort.Tensor('float32', values, [count, 3, side, side]) }
  }
  const wanted = exposed ? [model.outputName, exposed.featuresName] : [model.outputName]
  return {
    fixedBatch: fixedBatch(session, model),
    async run(input, count) {
      const outputs = await session.run(feeds(input, count), wanted)
      const of = (name: string) => outputs[name]?.data as Float32Array
      return { classes: of(model.outputName), features: exposed && of(exposed.featuresName) }
    },
    inside: exposed && {
      weights: centredWeights(exposed.weights, exposed.classes),
      async maps(input, count) {
        const outputs = await session.run(feeds(input, count), [exposed.mapsName])
        const tensor = outputs[exposed.mapsName] as Tensor
        const [, channels = 0, rows = 0, columns = 0] = tensor.dims
        const data = (tensor.data as Float32Array).subarray(0, channels * rows * columns)
        return { data, channels, rows, columns }
      },
    },
    release: () => session.release(),
  }
}

/** `null` for a model without features to show; it is run as it is. */
async function exposedModel(file: string): Promise<ExposedModel | null> {
  try {
    const { bytes } = await readModelFile(file)
    return exposeFeatures(bytes)
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

async function createSession(
  { InferenceSession }: typeof import('onnxruntime-node'),
  model: VisionModel,
  exposed: ExposedModel | null,
  { provider, threads }: Pick<Execution, 'provider' | 'threads'>,
): Promise<InferenceSession> {
  const { quantised } = exposed ?? {}
  const floats = quantised === 'weights' || quantised === 'binary-weights'
  const options: InferenceSession.SessionOptions = {
    executionProviders: [optionsOf(provider)],
    intraOpNumThreads: threads ?? availableParallelism(),
    interOpNumThreads: 1,
    // DirectML allows neither memory patterns nor parallel execution:
    // https://onnxruntime.ai/docs/execution-providers/DirectML-ExecutionProvider.html
    enableMemPattern: provider !== 'dml',
    executionMode: 'sequential',
    extra: {
      session: {
        // Threads that spin while they wait would take the cores from the decoders.
        intra_op: { allow_spinning: '0' },
        // Training leaves filters that do nothing, with numbers around 1e-40 in their normalisation.
        // Processors compute with such numbers many times more slowly: without them 15 photos a
        // second become 57 (the ResNet-18 of ../shared, measured).
        set_denormal_as_zero: '1',
        // What is computed in floats whatever the weights are stored as is prepared for that once,
        // not in every run: 62 photos a second become 84 (the same model).
        disable_quant_qdq: floats ? '1' : '0',
      },
    },
    // Where a graph is split over providers, is no news to a person.
    logSeverityLevel: 3,
  }
  try {
    // Two overloads, one implementation.
    const source = exposed?.bytes ?? model.file
    return await InferenceSession.create(source as string, options)
  } catch (error) {
    throw provider === 'cpu' ? unusable(model, error) : providerUnusable(provider, error)
  }
}

/** https://onnxruntime.ai/docs/execution-providers/CoreML-ExecutionProvider.html: MLProgram covers more operators. */
const COREML_CREATE_MLPROGRAM = 0x010

const optionsOf = (provider: Provider): InferenceSession.ExecutionProviderConfig =>
  provider === 'coreml' ? { name: 'coreml', coreMlFlags: COREML_CREATE_MLPROGRAM } : provider

export const unusable = (model: VisionModel, error: unknown) =>
  new UserError(
    'model-unusable',
    `${model.file} cannot be run by ONNX Runtime (${messageOf(error)}): choose another model.`,
    { cause: error },
  )

const providerUnusable = (provider: Provider, error: unknown) =>
  new UserError('provider-unusable', whyUnusable(provider, messageOf(error)), { cause: error })

/** In a sentence; what ONNX Runtime says most often, in words for people. */
function whyUnusable(provider: Provider, message: string): string {
  if (provider === 'cuda' && /shared library/i.test(message)) {
    return 'NVIDIA’s libraries for it are not installed; the README says how.'
  }
  if (provider === 'webgpu' && /adapter/i.test(message)) {
    return 'There is no graphics card with a driver that it can use.'
  }
  return `It does not start: ${firstSentence(message)}.`
}

/** ONNX Runtime puts source file, line and function before what went wrong. */
export function firstSentence(message: string): string {
  const [line = ''] = message.split('\n')
  return line.replace(/^\S*onnxruntime_src\S*\s.*?was false\.\s*/, '').trim()
}

/**
 * The Caffe2 ResNets of the ONNX model zoo leave it open at the input and fix it at the output: a
 * reshape before the classifier names it.
 */
function fixedBatch(
  { inputMetadata, outputMetadata }: InferenceSession,
  { inputName, outputName }: VisionModel,
): number | null {
  for (const value of [...inputMetadata, ...outputMetadata]) {
    if (value.name !== inputName && value.name !== outputName) continue
    const first = value.isTensor ? value.shape[0] : undefined
    if (typeof first === 'number' && first > 0) return first
  }
  return null
}
