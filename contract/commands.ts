/**
 * Everything the window may ask, written once. Types of handlers and callers are derived from here.
 *
 * A query reads. A mutation changes something and says which queries it makes stale, so that
 * the window asks those again and no others.
 */
import { z } from 'zod'
import type { Backup, BackupList, BackupProgress, RestoreReport } from './backups.ts'
import type {
  Acceleration,
  Album,
  AlbumId,
  ChangeReport,
  Directory,
  ExportProgress,
  ExportReport,
  Facet,
  Folder,
  FolderId,
  HeatMap,
  JobsStatus,
  LibraryStatus,
  MissingPhoto,
  ModelStatus,
  PhotoCard,
  PhotoDetail,
  PhotoId,
  QuarantinedPhoto,
  SearchOutcome,
  Settings,
  Suggestion,
  TagId,
  TagSummary,
  UndoState,
} from './domain.ts'
import type { InstalledModel, ModelList, ModelProgress, ModelVerdict } from './models.ts'

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
const id = <Id extends number>() =>
  z
    .number()
    .int()
    .positive()
    .transform((number) => number as Id)
const photo = id<PhotoId>()
const folder = id<FolderId>()
const tag = id<TagId>()
const album = id<AlbumId>()
/** Of a tag or an album, as people write it: trimmed, on one line. */
export const nameText = z
  .string()
  .transform((text) => text.normalize('NFC').trim().replace(/\s+/g, ' '))
  .pipe(z.string().min(1, 'Give it a name.').max(200, 'Give it a shorter name.'))
/** How many photos can be named one by one; more are meant by a search. */
export const mostNamedPhotos = 200_000
const namedPhotos = z.array(photo).max(mostNamedPhotos)
/** Photos that a person means: those named, or all that a search finds, some excepted. */
const target = z.union([
  z.object({ ids: namedPhotos }),
  z.object({ query: z.string().max(10_000), except: namedPhotos.optional() }),
])
export type PhotoTarget = z.infer<typeof target>
const absolutePath = z.string().min(1).max(32_767)
const queryText = z.string().max(10_000)
const modelId = z.string().min(1).max(200)
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
  /** The ids of a stretch of a search's result; empty for a search that is not understood. */
  photoIds: query<PhotoId[]>().with(
    z.object({
      query: queryText,
      sort,
      offset: z.number().int().nonnegative(),
      limit: z.number().int().min(1).max(mostNamedPhotos),
    }),
  ),
  /** Those of the photos that a search finds; none for a search that is not understood. */
  photosFound: query<PhotoId[]>().with(z.object({ query: queryText, ids: namedPhotos })),
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
  heatMap: query<HeatMap | null>().with(z.object({ id: photo, tag })),
  quarantined: query<QuarantinedPhoto[]>().with(
    z.object({ offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(1000) }),
  ),
  /** A stretch of the photos of which no file is left where it can be looked for, and how many there are. */
  missingPhotos: query<{ count: number; photos: MissingPhoto[] }>().with(
    z.object({ offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(1000) }),
  ),
  /** The folders inside one, for choosing; `path: null` starts at the home folder. */
  browseDirectory: query<Directory>().with(z.object({ path: absolutePath.nullable() })),
  /** Tags that photos have or may have, by name. */
  listTags: query<TagSummary[]>().with(nothing),
  /** The tags of photos, those that most of them have first. */
  tagsOfPhotos: query<TagSummary[]>().with(z.object({ target })),
  listAlbums: query<Album[]>().with(nothing),
  /** What undo and redo would do. */
  undoState: query<UndoState>().with(nothing),
  /** The models that are here, and those of the catalog. Opens no connection. */
  listModels: query<ModelList>().with(nothing),
  listBackups: query<BackupList>().with(nothing),
} as const

export type QueryName =
  | 'libraryStatus'
  | 'listFolders'
  | 'searchPhotos'
  | 'photoPage'
  | 'photoPosition'
  | 'photoIds'
  | 'photosFound'
  | 'photoDetail'
  | 'facets'
  | 'suggest'
  | 'jobs'
  | 'settings'
  | 'acceleration'
  | 'heatMap'
  | 'quarantined'
  | 'missingPhotos'
  | 'browseDirectory'
  | 'listTags'
  | 'tagsOfPhotos'
  | 'listAlbums'
  | 'undoState'
  | 'listModels'
  | 'listBackups'

/** What changes when photos come or go. */
export const photoQueries = [
  'searchPhotos',
  'photoPage',
  'photoPosition',
  'facets',
  'libraryStatus',
  'listAlbums',
] as const satisfies readonly QueryName[]

/** What changes when a person says something of photos: what is looked at first is asked first. */
export const decisionQueries = [
  'photoDetail',
  'undoState',
  'searchPhotos',
  'photoPage',
  'photoPosition',
  'listAlbums',
  'listTags',
  'suggest',
  'facets',
] as const satisfies readonly QueryName[]

export const mutations = {
  /** Adds a root and starts indexing it. Throws `UserError` for a path that is no readable folder. */
  addFolder: mutation<Folder>('listFolders', 'libraryStatus', 'jobs').with(
    z.object({ path: absolutePath }),
  ),
  /** Forgets a root and the photos that lie nowhere else. Files on disk are not touched. */
  removeFolder: mutation<null>('listFolders', 'jobs', 'missingPhotos', ...photoQueries).with(
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
   * Forgets missing photos and all that was said of them: those named, or all. It cannot be undone. One
   * that is no longer missing is left alone.
   */
  purgeMissing: mutation<{ purged: number }>('missingPhotos', ...photoQueries).with(
    z.object({ ids: z.array(photo).nullable() }),
  ),
  /**
   * Looks with another model from now on: `model` is an id or the path of an ONNX file. Throws
   * UserError for one that cannot be used, and for one that is no ResNet unless `anyArchitecture`;
   * the one before stays in use then.
   */
  useModel: mutation<ModelStatus>(
    ...([
      'jobs',
      'acceleration',
      'photoDetail',
      'heatMap',
      'suggest',
      'listModels',
      ...photoQueries,
    ] as const),
  ).with(z.object({ model: z.string().min(1), anyArchitecture: z.boolean() })),
  /** Changes those that are named. */
  changeSettings: mutation<Settings>('settings', 'acceleration', 'jobs').with(
    z.object({ allowInt8: z.boolean().optional(), background: z.boolean().optional() }),
  ),
  /**
   * Says of photos that they have a tag (`yes`), that they have not (`no`), or takes back what was said
   * (`none`), whatever a model says. A name that is no tag yet becomes one with `yes`. Throws UserError
   * for a name that means several tags or, without `yes`, none.
   */
  tagPhotos: mutation<ChangeReport>(...decisionQueries).with(
    z.object({
      target,
      tag: z.union([z.object({ id: tag }), z.object({ name: nameText })]),
      verdict: z.enum(['yes', 'no', 'none']),
    }),
  ),
  renameTag: mutation<ChangeReport>(...decisionQueries).with(z.object({ id: tag, name: nameText })),
  /** Photos with the first tag have the second from now on, also where a model sees it; the first goes. */
  mergeTags: mutation<ChangeReport>(...decisionQueries).with(z.object({ from: tag, into: tag })),
  /** Takes back everything that was said with a tag; a person's own tag goes altogether. */
  removeTag: mutation<ChangeReport>(...decisionQueries).with(z.object({ id: tag })),
  /** Stars from 1 to 5; 0 takes the rating back. */
  ratePhotos: mutation<ChangeReport>(...decisionQueries).with(
    z.object({ target, stars: z.number().int().min(0).max(5) }),
  ),
  /** Throws UserError for a name that an album has. */
  addAlbum: mutation<Album>(...decisionQueries).with(z.object({ name: nameText })),
  renameAlbum: mutation<ChangeReport>(...decisionQueries).with(
    z.object({ id: album, name: nameText }),
  ),
  /** Its photos stay. */
  removeAlbum: mutation<ChangeReport>(...decisionQueries).with(z.object({ id: album })),
  /** A name that is no album yet becomes one. */
  addToAlbum: mutation<ChangeReport>(...decisionQueries).with(
    z.union([z.object({ id: album, target }), z.object({ name: nameText, target })]),
  ),
  removeFromAlbum: mutation<ChangeReport>(...decisionQueries).with(z.object({ id: album, target })),
  /** Undoes the last of these changes, also after a restart. `null`: there is nothing to undo. */
  undo: mutation<string | null>(...decisionQueries).with(nothing),
  redo: mutation<string | null>(...decisionQueries).with(nothing),
  /** Forgets what every model said, and looks at the photos again. What persons said stays. */
  resetPredictions: mutation<null>('jobs', 'libraryStatus', ...decisionQueries).with(nothing),
  /** Tries every way to run the model anew, and takes the fastest. */
  measureAcceleration: mutation<Acceleration>('acceleration', 'jobs', 'libraryStatus').with(
    nothing,
  ),
  /**
   * Downloads a model of the catalog and verifies it; what a try before has brought is continued.
   * Cancelling keeps what is here. Throws UserError with what to do.
   */
  getModel: mutation<InstalledModel, ModelProgress>('listModels').with(z.object({ id: modelId })),
  /**
   * Takes a model of somebody's own into the library: `from` is the path of an ONNX file, or its
   * address. `manifest`: the path of a manifest or of a list of labels; `null`: the manifest beside
   * the file, if there is one. `id`: `null` takes the file's name. Throws UserError, with the code
   * `no-resnet` for one that is none unless `anyArchitecture`.
   */
  addModel: mutation<InstalledModel, ModelProgress>('listModels').with(
    z.object({
      from: z.string().min(1).max(32_767),
      manifest: absolutePath.nullable(),
      id: modelId.nullable(),
      anyArchitecture: z.boolean(),
    }),
  ),
  /**
   * Deletes a model from the library, and what a stopped download has left of it. Throws UserError
   * for the one in use and for one that does not lie in the library.
   */
  removeModel: mutation<null>('listModels').with(z.object({ id: modelId })),
  /** Reads a model in full. Throws UserError when it is not what its manifest says. */
  verifyModel: mutation<ModelVerdict>().with(z.object({ id: modelId })),
  /** Backs up the library now. Cancelling leaves nothing. Throws UserError with what to do. */
  backUp: mutation<Backup, BackupProgress>('listBackups').with(nothing),
  /** Makes backups in another folder from now on; `null`: in the usual one. Throws UserError. */
  chooseBackupFolder: mutation<null>('listBackups').with(
    z.object({ folder: absolutePath.nullable() }),
  ),
  /**
   * Puts a backup of `listBackups` in the place of the library, which is put aside, and starts the
   * engine again. Throws UserError for one that cannot be restored; the library is as it was then.
   */
  restoreBackup: mutation<RestoreReport, BackupProgress>('listBackups').with(
    z.object({ path: absolutePath }),
  ),
  /** Throws away every thumbnail and makes them again. What persons said stays. */
  rebuildThumbnails: mutation<null>('jobs', 'photoDetail', ...photoQueries).with(nothing),
  /** Cancelling leaves nothing that looks finished. */
  exportPhotos: mutation<ExportReport, ExportProgress>().with(
    z.object({ target, to: absolutePath, as: z.enum(['copies', 'zip', 'csv', 'jsonl']) }),
  ),
} as const

/** Answered by the face itself, not by the engine. */
export const hostCommands = {
  /** `desktop` has native dialogs; `browser` does not. */
  host: query<{ face: 'desktop' | 'browser'; platform: string; version: string }>().with(nothing),
  /** Opens the system's folder dialog; `null` when it was dismissed or there is none. */
  chooseDirectory: mutation<string | null>().with(z.object({ title: z.string().max(200) })),
  /** Opens the system's file dialog; `extensions` without dots. `null` when it was dismissed. */
  chooseFile: mutation<string | null>().with(
    z.object({ title: z.string().max(200), extensions: z.array(z.string().max(20)).max(10) }),
  ),
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
