/** What the engine asks of the vision process. */
import { z } from 'zod'
import type { Command } from '../../contract/commands.ts'
import type { CaptureMetadata, HeatMap } from '../../contract/domain.ts'
import { execution, type Provider, provider } from './execution.ts'

const command = <Output>() => ({
  with: <Input extends z.ZodType>(input: Input): Command<Input, Output> => ({ input }),
})

const channels = z.tuple([z.number(), z.number(), z.number()])

/** All that vision must know of a model to run it. */
const visionModel = z.object({
  /** Path of the ONNX file. */
  file: z.string(),
  inputName: z.string(),
  outputName: z.string(),
  /** Side of the square the model sees, in pixels. */
  inputSize: z.number().int().positive(),
  /** The photo's shorter side before the centre crop, in pixels. */
  resize: z.number().int().positive(),
  /** Order of the planes that the model takes. */
  channels: z.enum(['rgb', 'bgr']),
  /** Of red, green and blue, whatever their order; of values in [0, 1]. */
  mean: channels,
  std: channels,
  outputKind: z.enum(['logits', 'probabilities']),
  /** Logits are divided by it before the softmax. */
  temperature: z.number().positive(),
})
export type VisionModel = z.infer<typeof visionModel>

export interface ModelReport {
  provider: Provider
  batchSize: number
}

/** Event: a run failed, so the model runs in another way from now on. No photo is lost. */
export interface Retreat extends ModelReport {
  /** What ONNX Runtime said. */
  reason: string
}

/** Versions of the libraries at work, and the execution providers that this build can load. */
export interface VisionLibraries {
  onnxruntime: string
  sharp: string
  libvips: string
  providers: { name: string; bundled: boolean }[]
}

/** How a model first ran with a provider. */
export interface ProbeReport {
  /** Probabilities of all classes for each built-in picture, as many as there was time for. */
  scores: Float32Array[]
  /** What the quickest of them took, the first apart; infinite when there was time for one only. */
  milliseconds: number
}

export interface Prediction {
  /** Index of the model's output. */
  index: number
  /** Probability in [0, 1]. */
  score: number
}

/** Of the file when it was read. */
export interface ReadStamp {
  /** Bytes. */
  size: number
  /** Milliseconds. */
  modifiedMs: number
}

export type LookOutcome =
  | {
      state: 'seen'
      read: ReadStamp
      /** sha256 of the file's bytes. */
      contentHash: Uint8Array
      /** sha256 of what the pixels come from, metadata left out; `null` where it cannot be told. */
      imageHash: Uint8Array | null
      format: string
      /** Pixels after the orientation is applied. */
      width: number
      height: number
      /** 1 to 8, as in Exif. */
      orientation: number
      metadata: CaptureMetadata
      thumbnail: Uint8Array
      /** The five best, best first; `null` when no model was asked. */
      predictions: Prediction[] | null
      /** As `packFeatures` packs them; `null` when no model was asked, or one without. */
      features: Uint8Array | null
    }
  /** `reason`: one sentence for a person. */
  | { state: 'unreadable'; code: UnreadableCode; reason: string }
  /** Gone or out of reach: the file, or the drive that it lies on. */
  | { state: 'missing' }

export type HashOutcome =
  /** sha256 of the file's bytes. */
  { state: 'hashed'; contentHash: Uint8Array } | Exclude<LookOutcome, { state: 'seen' }>

export type UnreadableCode =
  | 'empty'
  | 'too-large'
  | 'not-a-photo'
  | 'unsupported-format'
  | 'damaged'
  | 'too-many-pixels'
  | 'too-slow'
  | 'no-permission'
  | 'needs-perl'
  | 'killed-vision'
  | 'failed'

export const visionCommands = {
  /**
   * Throws UserError for a model that cannot be run, with the code `provider-unusable` when it
   * is the provider that cannot. `null` unloads.
   */
  loadModel: command<ModelReport | null>().with(
    z.object({ model: visionModel.nullable(), execution }),
  ),
  /** Reads a file once: identity, metadata, thumbnail and, with `classify`, predictions and features. */
  look: command<LookOutcome>().with(z.object({ path: z.string(), classify: z.boolean() })),
  /**
   * Where a photo shows the class of an output: its class activation map. `null` when the file
   * cannot be read. Throws UserError for a model without one.
   */
  heatMap: command<HeatMap | null>().with(
    z.object({ path: z.string(), output: z.number().int().nonnegative() }),
  ),
  libraries: command<VisionLibraries>().with(z.object({})),
  /**
   * Opens a model beside the one in use and runs the built-in pictures one by one, for at most
   * `maximumMs` after the first. Throws UserError where that does not work.
   */
  openProbe: command<ProbeReport>().with(
    z.object({ model: visionModel, provider, maximumMs: z.number().positive() }),
  ),
  /** Milliseconds that the probe's model takes for a photo in such batches: median of `runs`. */
  timeProbe: command<number>().with(
    z.object({
      batchSize: z.number().int().positive(),
      runs: z.number().int().positive(),
    }),
  ),
  /** Reads a file for what its bytes are, and decodes nothing. */
  hash: command<HashOutcome>().with(z.object({ path: z.string() })),
  /** A JPEG for showing, at most `maximumSide` pixels wide and high; `null` when unreadable. */
  render: command<Uint8Array | null>().with(
    z.object({ path: z.string(), maximumSide: z.number().int().positive() }),
  ),
} as const

export type VisionCommands = typeof visionCommands
