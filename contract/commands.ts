/**
 * Everything the window may ask, written once. Types of handlers and callers are derived from here.
 *
 * A query reads. A mutation changes something and says which queries it makes stale, so that
 * the window asks those again and no others.
 */
import { z } from 'zod'
import type {
  Acceleration,
  Directory,
  ExportProgress,
  ExportReport,
  Facet,
  Folder,
  FolderId,
  HeatMap,
  JobsStatus,
  LibraryStatus,
  ModelStatus,
  PhotoCard,
  PhotoDetail,
  PhotoId,
  QuarantinedPhoto,
  SearchOutcome,
  Settings,
  Suggestion,
} from './domain.ts'

/** `output` and `progress` exist for the types alone; what the engine sends is trusted. */
export interface Command<Input extends z.ZodType, Output, Progress = never> {
  input: Input
  output?: Output
  progress?: Progress
}

export interface Mutation<Input extends z.ZodType, Output, Progress = never>
  extends Command<Input, Output, Progress> {
  stale: readonly string[]
}

const query = <Output>() => ({
  with: <Input extends z.ZodType>(input: Input): Command<Input, Output> => ({ input }),
})

const mutation = <Output, Progress = never>(...stale: QueryName[]) => ({
  with: <Input extends z.ZodType>(input: Input): Mutation<Input, Output, Progress> => ({
    input,
    stale,
  }),
})

const nothing = z.object({})
const photo = z
  .number()
  .int()
  .positive()
  .transform((id) => id as PhotoId)
const folder = z
  .number()
  .int()
  .positive()
  .transform((id) => id as FolderId)
const absolutePath = z.string().min(1).max(32_767)
const queryText = z.string().max(10_000)
const sort = z.enum(['newest', 'oldest', 'name'])

export const queries = {
  libraryStatus: query<LibraryStatus>().with(nothing),
  listFolders: query<Folder[]>().with(nothing),
  /** Runs a search and says how many photos it finds. */
  searchPhotos: query<SearchOutcome>().with(z.object({ query: queryText, sort })),
  /** A stretch of a search's result, in its order; empty for a search that is not understood. */
  photoPage: query<PhotoCard[]>().with(
    z.object({
      query: queryText,
      sort,
      offset: z.number().int().nonnegative(),
      limit: z.number().int().min(1).max(1000),
    }),
  ),
  /** Where a photo stands in a search's result; `null` when it is not in it. */
  photoPosition: query<number | null>().with(z.object({ query: queryText, sort, id: photo })),
  photoDetail: query<PhotoDetail | null>().with(z.object({ id: photo })),
  /** The classes and categories of a search's photos, most photos first on each level. */
  facets: query<Facet[]>().with(z.object({ query: queryText })),
  /** Completions for the word at the end of `text`, best first. */
  suggest: query<Suggestion[]>().with(
    z.object({ text: queryText, limit: z.number().int().min(1).max(50) }),
  ),
  jobs: query<JobsStatus>().with(nothing),
  settings: query<Settings>().with(nothing),
  /** What runs the model, and how that was found out. */
  acceleration: query<Acceleration>().with(nothing),
  /**
   * Where a photo shows a class of the model in use; `null` when none of its files can be read.
   * Throws UserError for a tag that is no class of the model.
   */
  heatMap: query<HeatMap | null>().with(
    z.object({ id: photo, wnid: z.string().nullable(), name: z.string() }),
  ),
  quarantined: query<QuarantinedPhoto[]>().with(
    z.object({ offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(1000) }),
  ),
  /** The folders inside one, for choosing; `path: null` starts at the home folder. */
  browseDirectory: query<Directory>().with(z.object({ path: absolutePath.nullable() })),
} as const

export type QueryName =
  | 'libraryStatus'
  | 'listFolders'
  | 'searchPhotos'
  | 'photoPage'
  | 'photoPosition'
  | 'photoDetail'
  | 'facets'
  | 'suggest'
  | 'jobs'
  | 'settings'
  | 'acceleration'
  | 'heatMap'
  | 'quarantined'
  | 'browseDirectory'

/** What changes when photos come or go. */
export const photoQueries = [
  'searchPhotos',
  'photoPage',
  'photoPosition',
  'facets',
  'libraryStatus',
] as const satisfies readonly QueryName[]

export const mutations = {
  /** Adds a root and starts indexing it. Throws `UserError` for a path that is no readable folder. */
  addFolder: mutation<Folder>('listFolders', 'libraryStatus', 'jobs').with(
    z.object({ path: absolutePath }),
  ),
  /** Forgets a root and the photos that lie nowhere else. Files on disk are not touched. */
  removeFolder: mutation<null>('listFolders', 'jobs', ...photoQueries).with(
    z.object({ id: folder }),
  ),
  /** Looks for new, changed and missing files in every folder; takes up what was cancelled. */
  rescan: mutation<null>('jobs').with(nothing),
  pauseJobs: mutation<null>('jobs').with(nothing),
  resumeJobs: mutation<null>('jobs').with(nothing),
  /** Drops what is waiting, until the next rescan. What is finished stays. */
  cancelJobs: mutation<null>('jobs', 'libraryStatus').with(nothing),
  /** Tries quarantined photos again: those named, or all. */
  retryQuarantined: mutation<null>('quarantined', 'jobs', ...photoQueries).with(
    z.object({ ids: z.array(photo).nullable() }),
  ),
  /**
   * Looks with another model from now on: `model` is an id or the path of an ONNX file. Throws
   * UserError for one that cannot be used, and for one that is no ResNet unless `anyArchitecture`;
   * the one before stays in use then.
   */
  useModel: mutation<ModelStatus>(
    ...(['jobs', 'acceleration', 'photoDetail', 'heatMap', 'suggest', ...photoQueries] as const),
  ).with(z.object({ model: z.string().min(1), anyArchitecture: z.boolean() })),
  /** Changes those that are named. */
  changeSettings: mutation<Settings>('settings', 'acceleration').with(
    z.object({ allowInt8: z.boolean().optional() }),
  ),
  /** Tries every way to run the model anew, and takes the fastest. */
  measureAcceleration: mutation<Acceleration>('acceleration', 'jobs', 'libraryStatus').with(
    nothing,
  ),
  /** Exports a search's result. Cancelling leaves nothing that looks finished. */
  exportPhotos: mutation<ExportReport, ExportProgress>().with(
    z.object({ query: queryText, to: absolutePath, as: z.enum(['copies', 'zip', 'csv', 'jsonl']) }),
  ),
} as const

/** Answered by the face itself, not by the engine. */
export const hostCommands = {
  /** `desktop` has native dialogs; `browser` does not. */
  host: query<{ face: 'desktop' | 'browser'; platform: string; version: string }>().with(nothing),
  /** Opens the system's folder dialog; `null` when it was dismissed or there is none. */
  chooseDirectory: mutation<string | null>().with(z.object({ title: z.string().max(200) })),
  /** Shows the photo's file in the system's file manager; `false` where there is none. */
  revealPhoto: mutation<boolean>().with(z.object({ id: photo })),
} as const

export const engineCommands = { ...queries, ...mutations } as const
export const commands = { ...engineCommands, ...hostCommands } as const

export type Commands = typeof commands
export type CommandName = keyof Commands
export type EngineCommandName = keyof typeof engineCommands
export type MutationName = keyof typeof mutations
export type HostCommandName = keyof typeof hostCommands

export type InputOf<Name extends CommandName> = z.infer<Commands[Name]['input']>
export type RawInputOf<Name extends CommandName> = z.input<Commands[Name]['input']>
export type OutputOf<Name extends CommandName> =
  Commands[Name] extends Command<z.ZodType, infer Output, infer _> ? Output : never
export type ProgressOf<Name extends CommandName> =
  Commands[Name] extends Command<z.ZodType, infer _, infer Progress> ? Progress : never

/** What a long call may use. */
export interface CallContext<Progress> {
  signal: AbortSignal
  onProgress: (progress: Progress) => void
}

export type Handler<Name extends CommandName> = (
  input: InputOf<Name>,
  context: CallContext<ProgressOf<Name>>,
) => OutputOf<Name> | Promise<OutputOf<Name>>

export type Handlers<Names extends CommandName = EngineCommandName> = {
  [Name in Names]: Handler<Name>
}

/** What the engine tells without being asked. */
export interface Events {
  jobs: JobsStatus
  /** These queries may answer differently now. */
  stale: { queries: QueryName[] }
}
