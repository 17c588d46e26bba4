import { basename, extname } from 'node:path'
import { UserError } from '../contract/errors.ts'
import {
  type Accuracy,
  largestSide,
  type ManifestFile,
  manifestPath,
  readManifestFile,
} from './manifestFile.ts'
import { hashWithWeights, readModelFile } from './onnx/file.ts'
import { filesOfWeights, type Graph, readGraph } from './onnx/graph.ts'
import { interfaceOf, type ModelInterface } from './onnx/interface.ts'
import { tensorType } from './onnx/schema.ts'
import { findClassifier } from './resnet/classifier.ts'
import { whyNoResNet } from './resnet/describe.ts'

/** What one output of a model means. `wnid`: WordNet id such as `n02084071`; `null` when none. */
export interface Label {
  wnid: string | null
  name: string
}

/** How a model wants its photos, what it answers, and what is known about it. */
export interface Manifest {
  id: string
  name: string
  /** One for each output, in the order of the outputs. */
  labels: readonly Label[]
  /** Side of the square that the model sees, in pixels. */
  inputSize: number
  /** The photo's shorter side before the centre crop, in pixels; bilinear with antialias. */
  resize: number
  /** Order of the planes that the model takes. */
  channels: 'rgb' | 'bgr'
  /** Of red, green and blue, whatever their order; of values in [0, 1]. */
  mean: readonly [number, number, number]
  std: readonly [number, number, number]
  outputKind: 'logits' | 'probabilities'
  /** Logits are divided by it before the softmax. */
  temperature: number
  /** For each output, the probability from which on it counts as a tag. */
  thresholds: readonly number[]
  licence: string | null
  /** Of the ONNX file, in hexadecimal. */
  sha256: string
  accuracy: Accuracy | null
}

export interface LoadedModel {
  file: string
  inputName: string
  outputName: string
  /** Why its graph is no ResNet, in one sentence; `null` for a ResNet. */
  noResNet: string | null
  /** `false`: weights lie in another file beside it (ONNX's external data). */
  oneFile: boolean
  manifest: Manifest
}

const defaultThreshold = 0.2

/**
 * Evaluation preprocessing of torchvision's ImageNet weights (resize 256, crop 224):
 * https://pytorch.org/vision/stable/models/generated/torchvision.models.resnet18.html
 */
const torchvision = {
  inputSize: 224,
  resizePerInput: 256 / 224,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const

export interface LoadOptions {
  imagenetLabels: readonly Label[]
  /** Taken in place of the manifest beside the file, which may have any name then. */
  given?: GivenManifest
}

/**
 * Reads an ONNX file and the manifest beside it (`resnet.onnx`, `resnet.json`), if there is one.
 * Without labels, a model with as many outputs as `imagenetLabels` speaks those.
 * Throws UserError for a file that is missing, is no ONNX classifier of RGB photos, has outputs
 * without labels, or a manifest that contradicts it. A 100 MB file takes some tenths of a second.
 */
export async function loadModel(
  file: string,
  { imagenetLabels, given }: LoadOptions,
): Promise<LoadedModel> {
  const { manifestFile, ...names } = given ?? (await manifestBeside(file))
  const { bytes, sha256: ownSha256 } = await readModelFile(file)
  const { found, noResNet, others } = readNetwork(names, bytes)
  const shown = { file, shown: names.model }
  const sha256 = others.length === 0 ? ownSha256 : await hashWithWeights(shown, ownSha256, others)
  if (manifestFile.sha256 !== undefined && manifestFile.sha256 !== sha256) {
    throw new UserError(
      'model-sha256',
      `${names.model} is not the file that its manifest describes (the sha256 differs): get the model again.`,
    )
  }
  const labels = labelsFor(names, manifestFile, found, imagenetLabels)
  const inputSize = inputSizeFor(names, manifestFile, found)
  return {
    file,
    inputName: found.inputName,
    outputName: found.outputName,
    noResNet,
    oneFile: others.length === 0,
    manifest: {
      id: manifestFile.id ?? stemOf(names.model),
      name: manifestFile.name ?? stemOf(names.model),
      labels,
      inputSize,
      resize: resizeFor(names, manifestFile, inputSize),
      channels: manifestFile.channels ?? 'rgb',
      mean: manifestFile.mean ?? torchvision.mean,
      std: manifestFile.std ?? torchvision.std,
      outputKind: manifestFile.outputKind ?? found.outputKind,
      temperature: manifestFile.temperature ?? 1,
      thresholds: thresholdsFor(names, manifestFile, labels.length),
      licence: manifestFile.licence ?? null,
      sha256,
      accuracy: manifestFile.accuracy ?? null,
    },
  }
}

const stemOf = (file: string): string => basename(file, extname(file))

/** What messages call the model and what describes it. */
interface Names {
  model: string
  manifest: string
}

export interface GivenManifest extends Names {
  manifestFile: ManifestFile
}

async function manifestBeside(file: string): Promise<GivenManifest> {
  if (extname(file).toLowerCase() !== '.onnx') {
    throw new UserError('not-onnx', `${file} is no ONNX model: choose a file that ends in .onnx.`)
  }
  const manifest = manifestPath(file)
  return { model: file, manifest, manifestFile: await readManifestFile(manifest) }
}

function readInterface({ model }: Names, graph: Graph): ModelInterface {
  const found = interfaceOf(graph)
  const channelCount = found?.inputDims[1] ?? 3
  const takesFloats = found?.inputType === 0 || found?.inputType === tensorType.float
  if (found?.inputDims.length !== 4 || channelCount !== 3 || !takesFloats) {
    throw new UserError(
      'model-input',
      `${model} does not take photos as one float32 input [N, 3, height, width]: export it with such an input.`,
    )
  }
  const classes = found.classes ?? findClassifier(graph, found.outputName)?.classes ?? null
  return { ...found, classes }
}

/**
 * What its graph says, and in which `others` files weights lie. That the file is damaged may show
 * wherever it is looked at.
 */
function readNetwork(names: Names, bytes: Uint8Array) {
  try {
    const graph = readGraph(bytes)
    const found = readInterface(names, graph)
    return { found, noResNet: whyNoResNet(graph), others: filesOfWeights(graph) }
  } catch (error) {
    throw error instanceof UserError && error.code === 'not-onnx'
      ? new UserError(
          'not-onnx',
          `${names.model} is no ONNX model, or it is damaged: get it again.`,
        )
      : error
  }
}

function labelsFor(
  names: Names,
  given: ManifestFile,
  found: ModelInterface,
  imagenetLabels: readonly Label[],
): readonly Label[] {
  const outputs = found.classes
  if (given.labels) {
    if (outputs !== null && given.labels.length !== outputs) {
      throw new UserError(
        'model-labels',
        `${names.manifest} lists ${given.labels.length} labels, but the model has ${outputs} outputs: list one label for each output.`,
      )
    }
    return given.labels
  }
  if (outputs === imagenetLabels.length) return imagenetLabels
  throw new UserError(
    'model-labels',
    `${names.model} has ${outputs ?? 'an unknown number of'} outputs and nobody says what they mean: list the labels in ${names.manifest}.`,
  )
}

function inputSizeFor(names: Names, given: ManifestFile, found: ModelInterface): number {
  const [batch = null, , height = null, width = null] = found.inputDims
  if (height !== null && width !== null && height !== width) {
    throw new UserError(
      'model-input',
      `${names.model} takes photos of ${width} x ${height} pixels: export it with a square input.`,
    )
  }
  const fixed = height ?? width
  if (fixed !== null && given.inputSize !== undefined && given.inputSize !== fixed) {
    throw new UserError(
      'model-manifest',
      `Correct “inputSize” in ${names.manifest}: the model takes ${fixed} pixels.`,
    )
  }
  const size = fixed ?? given.inputSize ?? torchvision.inputSize
  const photos = batch ?? 1
  if (photos * size ** 2 <= largestSide ** 2) return size
  throw new UserError(
    'model-input',
    `${names.model} takes ${photos === 1 ? 'a photo' : `${photos} photos`} of ${size} x ${size} pixels at once: export it with a smaller input, since more than ${largestSide} x ${largestSide} pixels need too much memory.`,
  )
}

function resizeFor(names: Names, given: ManifestFile, inputSize: number): number {
  const resize = given.resize ?? Math.round(inputSize * torchvision.resizePerInput)
  if (resize >= inputSize) return resize
  throw new UserError(
    'model-manifest',
    `Correct “resize” in ${names.manifest}: it must not be below the input's ${inputSize} pixels.`,
  )
}

function thresholdsFor(names: Names, given: ManifestFile, count: number): number[] {
  const { thresholds = defaultThreshold } = given
  if (!Array.isArray(thresholds)) return new Array<number>(count).fill(thresholds)
  if (thresholds.length === count) return thresholds.map((each) => each ?? defaultThreshold)
  throw new UserError(
    'model-manifest',
    `Correct “thresholds” in ${names.manifest}: it lists ${thresholds.length}, but the model has ${count} classes.`,
  )
}
