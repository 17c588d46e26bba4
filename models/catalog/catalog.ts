import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { messageOf, UserError } from '../../contract/errors.ts'
import { accuracy, type ManifestFile, manifestFile, sha256 } from '../manifestFile.ts'

/** Becomes the name of a file on every platform. */
const modelId = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'must be small letters, digits, - and _')

/** A model that can be got, and what is known of it before it is here. */
const catalogModel = z.strictObject({
  /** Also the name of its file, without `.onnx`. */
  id: modelId,
  /** For people. */
  name: z.string().min(1),
  url: z.url({ protocol: /^https?$/ }),
  bytes: z.number().int().positive(),
  sha256,
  variant: z.enum(['v1', 'v1.5', 'v2']),
  /** Layers with weights. */
  depth: z.number().int().positive(),
  /** The form of its integers as `describeModel` says it; `null` for float32. */
  quantised: z.enum(['qlinear', 'qdq']).nullable(),
  /** The same network with integer weights, by id. */
  quantisations: z.array(modelId),
  /** SPDX. */
  licence: z.string().min(1),
  /** As whoever published it measured; `null` where nobody did. */
  accuracy: accuracy.nullable(),
  /** Thousand millions of multiply-adds for one photo. */
  gflops: z.number().positive().nullable(),
  /** What else to know before getting it, in some words. */
  note: z.string().nullable(),
  /** Why ONNX Runtime cannot run it and what to get instead; `null` for all others. */
  unusable: z.string().nullable(),
  /** What else its manifest says, such as how photos are prepared for it. */
  manifest: manifestFile,
})
export type CatalogModel = z.infer<typeof catalogModel>
export type Catalog = readonly CatalogModel[]

/** What is written into `x.json` beside a model of the catalog. */
export function manifestOf(model: CatalogModel): ManifestFile {
  const { id, name, licence, sha256, accuracy, manifest } = model
  return { id, name, licence, sha256, ...(accuracy && { accuracy }), ...manifest }
}

/** Reads a catalog of somebody's own. Throws UserError for a file that is none. */
export function readCatalog(file: string): Catalog {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UserError(
      'model-catalog',
      `The catalog of models ${file} cannot be read: ${messageOf(error)}.`,
    )
  }
  const parsed = z.array(catalogModel).safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UserError(
    'model-catalog',
    `Correct “${issue?.path.join('.')}” in the catalog of models ${file}: ${issue?.message}.`,
  )
}

/**
 * The same models from a mirror: `base` takes the place of the scheme and the host of each address,
 * as HF_ENDPOINT does for Hugging Face's own tools. Throws UserError for a base that is no address.
 */
export function mirrored(catalog: Catalog, base: string): Catalog {
  if (!z.url({ protocol: /^https?$/ }).safeParse(base).success) {
    throw new UserError(
      'model-mirror',
      `${base} is no address of a mirror: give one such as https://mirror.example/huggingface.`,
    )
  }
  const root = base.replace(/\/+$/, '')
  return catalog.map((model) => ({ ...model, url: `${root}${new URL(model.url).pathname}` }))
}
