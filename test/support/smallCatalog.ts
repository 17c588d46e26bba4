/** A catalog of small models that a server of the test has. */
import type { CatalogModel } from '../../models/catalog/catalog.ts'
import { buildResNet } from '../../models/resnet/build.ts'
import { sha256Of } from './modelServer.ts'
import { smallLabels } from './pictures.ts'

/** A ResNet-8 of 300 kB; each `seed` has opinions of its own. */
export const smallResNet = (seed: number): Uint8Array =>
  buildResNet({
    family: 'cifar',
    depth: 8,
    variant: 'v1',
    classes: smallLabels.length,
    seed,
    width: 16,
  })

export const catalogModel = (
  id: string,
  url: string,
  bytes: Uint8Array,
  more: Partial<CatalogModel> = {},
): CatalogModel => ({
  id,
  name: `Small ${id}`,
  url,
  bytes: bytes.byteLength,
  sha256: sha256Of(bytes),
  variant: 'v1',
  depth: 8,
  quantised: null,
  quantisations: [],
  licence: 'CC0-1.0',
  accuracy: { top1: 0.5, top5: null, n: 100, on: 'nothing' },
  gflops: 0.1,
  note: null,
  unusable: null,
  manifest: { labels: smallLabels, thresholds: 0 },
  ...more,
})
