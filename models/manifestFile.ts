import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { z } from 'zod'
import { messageOf, UserError } from '../contract/errors.ts'
import { isMissing } from './onnx/file.ts'

const share = z.number().min(0).max(1)

/**
 * Side in pixels of all that a model may look at at once: as floats, three a pixel, these are 200 MB,
 * of which a network makes a multiple.
 */
export const largestSide = 4096
const side = z.number().int().min(8).max(largestSide)
const channels = z.tuple([z.number(), z.number(), z.number()])
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

/** Shares in [0, 1], measured on `n` photos of the data set `on`. */
export const accuracy = z.strictObject({
  top1: share,
  /** `null`: not measured. */
  top5: share.nullable(),
  n: z.number().int().positive(),
  on: z.string(),
})
export type Accuracy = z.infer<typeof accuracy>

/** The file `x.json` beside `x.onnx`. Whatever it leaves out is taken from the ONNX file or torchvision. */
export const manifestFile = z
  .strictObject({
    id: z.string().min(1),
    name: z.string().min(1),
    labels: z
      .array(z.strictObject({ wnid: z.string().nullable().default(null), name: z.string().min(1) }))
      .min(2),
    inputSize: side,
    resize: side,
    channels: z.enum(['rgb', 'bgr']),
    mean: channels,
    std: channels.refine((values) => values.every((value) => value > 0), 'must be above 0'),
    outputKind: z.enum(['logits', 'probabilities']),
    temperature: z.number().positive(),
    thresholds: z.union([share, z.array(share.nullable())]),
    licence: z.string(),
    sha256,
    accuracy,
  })
  .partial()
export type ManifestFile = z.infer<typeof manifestFile>

/** Where the manifest of an ONNX file lies, if it has one. */
export const manifestPath = (onnxFile: string): string =>
  `${onnxFile.slice(0, -extname(onnxFile).length)}.json`

/** An empty one where there is no such file. Throws UserError for one that cannot be used. */
export async function readManifestFile(path: string): Promise<ManifestFile> {
  const text = await readText(path)
  return text === null ? {} : parseManifest(path, text)
}

function parseManifest(path: string, text: string): ManifestFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UserError('model-manifest', `${path} is not valid JSON: ${messageOf(error)}.`)
  }
  const parsed = manifestFile.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'the manifest'
  throw new UserError('model-manifest', `Correct “${field}” in ${path}: ${issue?.message}.`)
}

/**
 * What a person gives along with a model: a manifest (`.json`), or else a list of labels in the
 * order of the outputs, one a line, each a name or a WordNet id and a name as in the ONNX model
 * zoo's synset.txt. Throws UserError for what is neither.
 */
export async function readGivenManifest(path: string): Promise<ManifestFile> {
  const text = await readText(path)
  if (text === null) {
    throw new UserError('model-manifest', `There is no file ${path}: check the path.`)
  }
  if (extname(path).toLowerCase() === '.json') return parseManifest(path, text)
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length >= 2) return { labels: lines.map(labelOf) }
  throw new UserError(
    'model-manifest',
    `${path} lists fewer than two labels: give a manifest (.json), or a text with one label a line.`,
  )
}

function labelOf(line: string): { wnid: string | null; name: string } {
  const [, wnid, names = line] = /^(n\d{8})\s+(\S.*)$/.exec(line.trim()) ?? []
  const [name = names] = wnid === undefined ? [line.trim()] : names.split(',')
  return { wnid: wnid ?? null, name: name.trim() }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw new UserError('model-manifest', `${path} cannot be read: ${messageOf(error)}.`)
  }
}
