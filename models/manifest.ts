import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { z } from 'zod'
import { messageOf, UserError } from '../contract/errors.ts'
import { isMissing, readModelFile } from './onnx/file.ts'
import { type Graph, readGraph } from './onnx/graph.ts'
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
  /** Per RGB channel, of values in [0, 1]. */
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
  /** Shares in [0, 1], measured on `n` photos of the data set `on`. */
  accuracy: Accuracy | null
}

export interface LoadedModel {
  file: string
  inputName: string
  outputName: string
  /** Why its graph is no ResNet, in one sentence; `null` for a ResNet. */
  noResNet: string | null
  manifest: Manifest
}

interface Accuracy {
  top1: number
  top5: number
  n: number
  on: string
}

const share = z.number().min(0).max(1)
const side = z.number().int().min(8).max(4096)
const channels = z.tuple([z.number(), z.number(), z.number()])

/** The file `x.json` beside `x.onnx`. Whatever it leaves out is taken from the ONNX file or torchvision. */
const partialManifest = z
  .strictObject({
    id: z.string().min(1),
    name: z.string().min(1),
    labels: z
      .array(z.strictObject({ wnid: z.string().nullable().default(null), name: z.string().min(1) }))
      .min(2),
    inputSize: side,
    resize: side,
    mean: channels,
    std: channels.refine((values) => values.every((value) => value > 0), 'must be above 0'),
    outputKind: z.enum(['logits', 'probabilities']),
    temperature: z.number().positive(),
    thresholds: z.union([share, z.array(share.nullable())]),
    licence: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
    accuracy: z.strictObject({
      top1: share,
      top5: share,
      n: z.number().int().positive(),
      on: z.string(),
    }),
  })
  .partial()
type PartialManifest = z.infer<typeof partialManifest>

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

/**
 * Reads an ONNX file and the manifest beside it (`resnet.onnx`, `resnet.json`), if there is one.
 * Without labels, a model with as many outputs as `imagenetLabels` speaks those.
 * Throws UserError for a file that is missing, is no ONNX classifier of RGB photos, has outputs
 * without labels, or a manifest that contradicts it. A 100 MB file takes some tenths of a second.
 */
export async function loadModel(
  file: string,
  { imagenetLabels }: { imagenetLabels: readonly Label[] },
): Promise<LoadedModel> {
  const given = await readManifest(file)
  const { bytes, sha256 } = await readModelFile(file)
  const graph = graphOf(file, bytes)
  const found = readInterface(file, graph)
  if (given.sha256 !== undefined && given.sha256 !== sha256) {
    throw new UserError(
      'model-sha256',
      `${file} is not the file that its manifest describes (the sha256 differs): get the model again.`,
    )
  }
  const labels = labelsFor(file, given, found, imagenetLabels)
  const inputSize = inputSizeFor(file, given, found)
  return {
    file,
    inputName: found.inputName,
    outputName: found.outputName,
    noResNet: whyNoResNet(graph),
    manifest: {
      id: given.id ?? stemOf(file),
      name: given.name ?? stemOf(file),
      labels,
      inputSize,
      resize: resizeFor(file, given, inputSize),
      mean: given.mean ?? torchvision.mean,
      std: given.std ?? torchvision.std,
      outputKind: given.outputKind ?? found.outputKind,
      temperature: given.temperature ?? 1,
      thresholds: thresholdsFor(file, given, labels.length),
      licence: given.licence ?? null,
      sha256,
      accuracy: given.accuracy ?? null,
    },
  }
}

const stemOf = (file: string): string => basename(file, extname(file))

const manifestOf = (file: string): string => `${file.slice(0, -extname(file).length)}.json`

async function readManifest(file: string): Promise<PartialManifest> {
  if (extname(file).toLowerCase() !== '.onnx') {
    throw new UserError('not-onnx', `${file} is no ONNX model: choose a file that ends in .onnx.`)
  }
  const path = manifestOf(file)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return {}
    throw new UserError('model-manifest', `${path} cannot be read: ${messageOf(error)}.`)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UserError('model-manifest', `${path} is not valid JSON: ${messageOf(error)}.`)
  }
  const parsed = partialManifest.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'the manifest'
  throw new UserError('model-manifest', `Correct “${field}” in ${path}: ${issue?.message}.`)
}

function readInterface(file: string, graph: Graph): ModelInterface {
  const found = interfaceOf(graph)
  const channelCount = found?.inputDims[1] ?? 3
  const takesFloats = found?.inputType === 0 || found?.inputType === tensorType.float
  if (found?.inputDims.length !== 4 || channelCount !== 3 || !takesFloats) {
    throw new UserError(
      'model-input',
      `${file} does not take photos as one float32 input [N, 3, height, width]: export it with such an input.`,
    )
  }
  const classes = found.classes ?? findClassifier(graph, found.outputName)?.classes ?? null
  return { ...found, classes }
}

function graphOf(file: string, bytes: Uint8Array): Graph {
  try {
    return readGraph(bytes)
  } catch (error) {
    throw error instanceof UserError && error.code === 'not-onnx'
      ? new UserError('not-onnx', `${file} is no ONNX model, or it is damaged: get it again.`)
      : error
  }
}

function labelsFor(
  file: string,
  given: PartialManifest,
  found: ModelInterface,
  imagenetLabels: readonly Label[],
): readonly Label[] {
  const outputs = found.classes
  if (given.labels) {
    if (outputs !== null && given.labels.length !== outputs) {
      throw new UserError(
        'model-labels',
        `${manifestOf(file)} lists ${given.labels.length} labels, but the model has ${outputs} outputs: list one label for each output.`,
      )
    }
    return given.labels
  }
  if (outputs === imagenetLabels.length) return imagenetLabels
  throw new UserError(
    'model-labels',
    `${file} has ${outputs ?? 'an unknown number of'} outputs and nobody says what they mean: list the labels in ${manifestOf(file)}.`,
  )
}

function inputSizeFor(file: string, given: PartialManifest, found: ModelInterface): number {
  const [, , height = null, width = null] = found.inputDims
  if (height !== null && width !== null && height !== width) {
    throw new UserError(
      'model-input',
      `${file} takes photos of ${width} x ${height} pixels: export it with a square input.`,
    )
  }
  const fixed = height ?? width
  if (fixed !== null && given.inputSize !== undefined && given.inputSize !== fixed) {
    throw new UserError(
      'model-manifest',
      `Correct “inputSize” in ${manifestOf(file)}: the model takes ${fixed} pixels.`,
    )
  }
  return fixed ?? given.inputSize ?? torchvision.inputSize
}

function resizeFor(file: string, given: PartialManifest, inputSize: number): number {
  const resize = given.resize ?? Math.round(inputSize * torchvision.resizePerInput)
  if (resize >= inputSize) return resize
  throw new UserError(
    'model-manifest',
    `Correct “resize” in ${manifestOf(file)}: it must not be below the input's ${inputSize} pixels.`,
  )
}

function thresholdsFor(file: string, given: PartialManifest, count: number): number[] {
  const { thresholds = defaultThreshold } = given
  if (!Array.isArray(thresholds)) return new Array<number>(count).fill(thresholds)
  if (thresholds.length === count) return thresholds.map((each) => each ?? defaultThreshold)
  throw new UserError(
    'model-manifest',
    `Correct “thresholds” in ${manifestOf(file)}: it lists ${thresholds.length}, but the model has ${count} classes.`,
  )
}
