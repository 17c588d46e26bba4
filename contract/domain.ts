/** The things the window talks about. Times are ISO 8601; sizes are bytes; angles are degrees. */

declare const photoId: unique symbol
declare const folderId: unique symbol
declare const tagId: unique symbol
declare const albumId: unique symbol
export type PhotoId = number & { readonly [photoId]: true }
export type FolderId = number & { readonly [folderId]: true }
export type TagId = number & { readonly [tagId]: true }
export type AlbumId = number & { readonly [albumId]: true }

export interface Folder {
  id: FolderId
  /** Absolute path of the root on this machine. */
  path: string
  /** `offline`: the root cannot be reached now; its photos stay in the library. */
  state: 'online' | 'offline'
  /** Photos with a file in this folder. */
  photos: number
}

/** What the grid needs of one photo. */
export interface PhotoCard {
  id: PhotoId
  /** File name without its folder. */
  name: string
  state: PhotoState
  /** Changes when the thumbnail changes; `null` while there is none. */
  thumbnail: string | null
  /** Pixels after the orientation is applied; `null` while unread. */
  width: number | null
  height: number | null
  takenAt: string | null
  /** The best tag, for the caption. */
  topTag: string | null
  /** What a person said it shows, the last said first; three at most. */
  userTags: string[]
  /** 1 to 5; 0 for none. */
  stars: number
}

/** `waiting`: not looked at yet. `quarantined`: cannot be read; the reason is in its details. */
export type PhotoState = 'waiting' | 'ready' | 'quarantined'

export interface Tag {
  name: string
  /** WordNet 3.0 synset id such as `n02084071`; `null` for a person's own tag. */
  wnid: string | null
  /** Probability in [0, 1] from the model; `null` where it says nothing. */
  score: number | null
  /** `user`: a person said so, whatever the model says. */
  source: 'predicted' | 'user'
}

export interface PhotoTag extends Tag {
  id: TagId
  /**
   * The photo has it, so that searching finds it: a person said so, or the score reaches the threshold
   * of its class and nobody said no.
   */
  confident: boolean
  /** What a person said; `null` where the model alone speaks. */
  verdict: 'yes' | 'no' | null
  /** Names of the categories above it, nearest first. */
  categories: string[]
}

/**
 * Where a photo shows a class, out of the same pass through the network: the class activation map
 * of Zhou et al. (https://arxiv.org/abs/1512.04150).
 */
export interface HeatMap {
  rows: number
  columns: number
  /**
   * Row-major: what each cell says for the class. Their mean is, but for biases, how far the logit of
   * the class is above the mean logit of all classes; negative where a cell speaks against it.
   */
  values: number[]
  /** The square that the network saw, as shares of the upright photo's width and height. */
  region: { left: number; top: number; width: number; height: number }
}

export interface PhotoFile {
  path: string
  size: number
  modifiedAt: string
  state: 'present' | 'missing'
}

export interface Place {
  latitude: number
  longitude: number
  altitude: number | null
}

/** What the camera wrote. Every field is `null` where the file does not say. */
export interface CaptureMetadata {
  /** Local time at the camera, `YYYY-MM-DDTHH:MM:SS`. */
  takenAt: string | null
  camera: string | null
  lens: string | null
  /** Seconds. */
  exposureTime: number | null
  fNumber: number | null
  iso: number | null
  /** Millimetres. */
  focalLength: number | null
  place: Place | null
}

export interface PhotoDetail extends CaptureMetadata {
  id: PhotoId
  files: PhotoFile[]
  state: PhotoState
  /** Why it is quarantined, in a sentence. */
  reason: string | null
  width: number | null
  height: number | null
  format: string | null
  thumbnail: string | null
  /**
   * Best first; the model's guesses below their threshold and what a person rejected included, not
   * `confident`.
   */
  tags: PhotoTag[]
  /** 1 to 5; 0 for none. */
  stars: number
  albums: AlbumId[]
}

/** A tag that some photo may have. */
export interface TagSummary {
  id: TagId
  name: string
  wnid: string | null
  /** Name of the nearest category above it, which tells tags of one name apart. */
  category: string | null
  /** No model knows it: a person made it. */
  own: boolean
  /** Visible photos that have it. */
  photos: number
}

export interface Album {
  id: AlbumId
  name: string
  /** Visible photos in it. */
  photos: number
}

export interface ChangeReport {
  /** Photos that are otherwise than before. */
  photos: number
  /** What was done, in words, as undo would name it. */
  title: string
  /** Whether anything is otherwise than before, so that undo takes it back. */
  changed: boolean
}

/** What undo and redo would do, in words; `null` for nothing. */
export interface UndoState {
  undo: string | null
  redo: string | null
}

/** A photo that has no file any more, and what would be lost with it. */
export interface MissingPhoto {
  id: PhotoId
  /** Where it lay last. */
  path: string
  thumbnail: string | null
  /** Tags that a person gave or rejected. */
  decisions: number
  albums: number
  stars: number
}

/** One row of the panel of classes: a class the model knows or a category above some. */
export interface Facet {
  wnid: string
  name: string
  /** No model knows it: a person made it. */
  own: boolean
  /** Photos of the search that have it or anything below it. */
  count: number
  children: Facet[]
}

export type SortOrder = 'newest' | 'oldest' | 'name'

/** A search that cannot be understood is an answer, not an exception. */
export type SearchOutcome =
  | { ok: true; count: number }
  /** `column`: zero-based offset into the query where it goes wrong. */
  | { ok: false; message: string; column: number }

export interface Suggestion {
  /** What to put into the search box. */
  text: string
  kind: 'class' | 'category' | 'album' | 'rating' | 'filter'
  /** What it stands for, such as the synonyms of a class. */
  detail: string
}

/** `waiting`: nobody paused it, and it goes on by itself, such as when mains power is back. */
export type JobsState = 'idle' | 'scanning' | 'looking' | 'paused' | 'waiting'

export interface JobsStatus {
  state: JobsState
  /** Photos finished and to finish since the queue was last empty. */
  done: number
  total: number
  /** Photos a second over the last seconds; 0 when not known. */
  perSecond: number
  /** `null` when not known. */
  secondsLeft: number | null
  /** Photos quarantined in the whole library. */
  quarantined: number
  /** What is running where, such as `cpu`. `null` before the model is loaded. */
  provider: string | null
  /** Why nothing goes on, in a sentence; `null` when all is well. */
  problem: string | null
}

export type ModelStatus =
  | { state: 'none' /** How to get one, in a sentence. */; advice: string }
  | { state: 'ready'; id: string; name: string; classes: number; provider: string | null }
  | { state: 'failed'; id: string /** What to do, in a sentence. */; reason: string }

export interface GraphicsCard {
  name: string
  /** Version of its driver; `null` when the system does not say. */
  driver: string | null
}

/** One way to run the model, and why it is or is not the one in use. */
export interface ProviderCandidate {
  /** Execution provider of ONNX Runtime, such as `webgpu`; `cpu int8`: the int8 variant on the CPU. */
  provider: string
  /**
   * `unavailable`: not part of this build. `failed`: it did not work here. `disagrees`: it answers
   * otherwise than the CPU.
   */
  outcome: 'chosen' | 'slower' | 'disagrees' | 'failed' | 'unavailable'
  /** In a sentence. */
  reason: string
  /** Of the network alone, at `batchSize`; `null` where it was not timed. */
  photosPerSecond: number | null
  batchSize: number | null
  /** Largest difference of a probability to the CPU's; `null` where not compared. */
  difference: number | null
}

/** What runs the model, and how that was found out. */
export interface Acceleration {
  state: 'not-measured' | 'measuring' | 'measured'
  /** What runs the model now; `null` while there is none. */
  provider: string | null
  batchSize: number | null
  /** Why it no longer runs as it was chosen, in a sentence; `null` when it does. */
  retreat: string | null
  candidates: ProviderCandidate[]
  graphics: GraphicsCard[]
  processor: string
  /** Version of ONNX Runtime; `null` before it was measured. */
  runtime: string | null
  /** ISO 8601; `null` before it was measured. */
  measuredAt: string | null
}

/** What a person decides once for a library. */
export interface Settings {
  /** The int8 variant of a model, lying beside it, may take its place where that is faster. */
  allowInt8: boolean
  /** One core and low priority, and on battery nothing: the machine stays free for other work. */
  background: boolean
}

export interface LibraryStatus {
  libraryPath: string
  folders: number
  files: number
  photos: number
  /** Photos the current model has looked at. */
  classified: number
  quarantined: number
  /** Photos still to be looked at, those that were cancelled included. */
  pending: number
  model: ModelStatus
}

export interface QuarantinedPhoto {
  id: PhotoId
  path: string
  code: string
  reason: string
}

export type ExportKind = 'copies' | 'zip' | 'csv' | 'jsonl'

export interface ExportProgress {
  phase: 'writing' | 'verifying'
  done: number
  total: number
}

export interface ExportReport {
  /** Where it lies: a folder or a file. */
  path: string
  /** The manifest with the sha256 of every file written. */
  manifest: string
  photos: number
  bytes: number
  /** Photos left out, each with the reason in a sentence. */
  skipped: { path: string; reason: string }[]
}

export interface Directory {
  path: string
  /** `null` at the top. */
  parent: string | null
  children: { name: string; path: string }[]
}
