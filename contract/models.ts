/** The models of a library: which are here, and which can be got. Sizes are bytes. */

export interface ModelList {
  /** The one in use first, then by name. */
  installed: InstalledModel[]
  /** What the catalog has beyond them. */
  offered: OfferedModel[]
  /** Files of somebody's own whose download was stopped. */
  unfinished: UnfinishedModel[]
}

export interface InstalledModel {
  /** The name of its file without `.onnx`; the path of one that lies elsewhere. */
  id: string
  name: string
  /** Path of the ONNX file. */
  file: string
  /** `bundled`: comes with Albumen. `added`: lies in the library. `elsewhere`: used where it lies. */
  origin: 'bundled' | 'added' | 'elsewhere'
  bytes: number
  /** Whether photos are looked at with it, now or from the next start on. */
  inUse: boolean
  licence: string | null
  accuracy: ModelAccuracy | null
  /** What the graph in its file is; `null` when that cannot be read. */
  network: ModelNetwork | null
  /** Why it cannot be read, in a sentence. */
  problem: string | null
}

export interface ModelNetwork {
  /** In one sentence; `null` for a ResNet. */
  noResNet: string | null
  variant: string | null
  /** Layers with weights. */
  depth: number | null
  classes: number | null
  /** Side of the input in pixels; `null` when it is open. */
  inputSize: number | null
  quantised: ModelNumbers | null
}

/**
 * What its numbers are where they are not float32: integers throughout (`qlinear`), integers
 * between conversions that a runtime removes (`qdq`), weights as integers, weights of one bit.
 */
export type ModelNumbers = 'qlinear' | 'qdq' | 'weights' | 'binary-weights' | 'float16'

/** Shares in [0, 1] of photos whose class was the first guess, and among the first five. */
export interface ModelAccuracy {
  top1: number
  top5: number | null
  /** What it was measured on. */
  on: string
}

export interface OfferedModel {
  id: string
  name: string
  variant: string
  depth: number
  quantised: ModelNumbers | null
  /** The same network with integer weights, by id. */
  quantisations: string[]
  bytes: number
  licence: string
  accuracy: ModelAccuracy | null
  /** Thousand millions of multiply-adds for one photo. */
  gflops: number | null
  note: string | null
  /** Why it cannot be used, in a sentence; `null` for one that can. */
  unusable: string | null
  /** How much of it is here from a download that was stopped. */
  received: number
}

export interface UnfinishedModel {
  id: string
  /** The address that it comes from; `null` when that is not known any more. */
  from: string | null
  received: number
}

export interface ModelProgress {
  /** `waiting`: the connection was lost, and there will be another try. */
  phase: 'connecting' | 'receiving' | 'waiting' | 'copying' | 'verifying'
  received: number
  /** `null` when not known. */
  total: number | null
  perSecond: number
}

export interface ModelVerdict {
  id: string
  sha256: string
  /** Whether somebody said before what its sha256 should be. */
  compared: boolean
}
