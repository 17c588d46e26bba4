import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ModelProto, modelProto } from '../models/onnx/schema.ts'
import { encodeModel } from '../models/onnx/write.ts'
import { imagenet1kLabels } from '../models/taxonomy/taxonomy.ts'
import { albumen, median, option } from './albumen.ts'
import { copyPhotos, enlargePhotos, requireShared, sharedModel, work } from './photos.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/**
 * `albumen index` against the image-classification pipeline of @huggingface/transformers, which is
 * what a JavaScript developer would pick: the same ONNX file, the same photos, in turn, each in a
 * process of its own from its start to its end. Ours also writes thumbnails and the database.
 */
export async function benchPeers(args: string[]): Promise<void> {
  requireShared()
  installPeers()
  const model = peerModel()
  const rounds = option(args, '--rounds', 3)
  const sets = [
    { name: 'about 500 x 375', folder: copyPhotos() },
    { name: '12 megapixels', folder: await enlargePhotos(option(args, '--large', 200)) },
  ]
  for (const { name, folder } of sets) {
    // One photo a call is what its documentation shows; several at once may suit it better.
    for (const together of [1, 4]) {
      const ratios: number[] = []
      let ours = { speed: 0, right: 0 }
      let theirs = { speed: 0, right: 0 }
      for (let round = 0; round < rounds; round++) {
        const peer = runPeer(model, folder, together)
        const own = await runAlbumen(folder)
        theirs = { speed: peer.photos / peer.seconds, right: (100 * peer.right) / peer.photos }
        ours = { speed: peer.photos / own.seconds, right: own.right }
        ratios.push(ours.speed / theirs.speed)
      }
      console.log(
        `${name}: transformers, ${together} a call, ${theirs.speed.toFixed(2)}/s, albumen ${ours.speed.toFixed(2)}/s, median of ${rounds} ${median(ratios).toFixed(2)} times; top-1 ${theirs.right.toFixed(1)} % there, ${ours.right.toFixed(1)} % here`,
      )
    }
  }
}

function installPeers(): void {
  if (existsSync(join(here, 'node_modules', '@huggingface', 'transformers'))) return
  console.log('Installing what Albumen is measured against.')
  execFileSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}

/** The shared model as transformers wants it: its input is called pixel_values there. */
function peerModel(): string {
  const folder = join(work, 'peer-models', 'resnet18')
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  const model = modelProto.decode(readFileSync(sharedModel)) as ModelProto
  const graph = model.graph ?? {}
  const renamed = (name: string) => (name === 'data' ? 'pixel_values' : name)
  writeFileSync(
    join(folder, 'onnx', 'model.onnx'),
    encodeModel({
      ...model,
      graph: {
        ...graph,
        node: (graph.node ?? []).map((node) => ({
          ...node,
          input: node.input?.map(renamed) ?? [],
        })),
        input: (graph.input ?? []).map((input) => ({ ...input, name: renamed(input.name ?? '') })),
      },
    }),
  )
  const id2label = Object.fromEntries(imagenet1kLabels.map(({ wnid }, index) => [index, wnid]))
  const config = { model_type: 'resnet', architectures: ['ResNetForImageClassification'], id2label }
  const processor = {
    image_processor_type: 'ViTImageProcessor',
    ...{ do_resize: true, size: { shortest_edge: 256 }, resample: 2 },
    ...{ do_center_crop: true, crop_size: { width: 224, height: 224 } },
    ...{ do_rescale: true, rescale_factor: 1 / 255 },
    ...{ do_normalize: true, image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(processor))
  return folder
}

/** Seconds from the start of the process to its end. */
function runPeer(model: string, folder: string, together: number) {
  const started = performance.now()
  const output = execFileSync(
    process.execPath,
    [join(here, 'transformers.mjs'), model, folder, String(together)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const { photos, right } = JSON.parse(output) as { photos: number; right: number }
  return { photos, right, seconds: (performance.now() - started) / 1000 }
}

async function runAlbumen(folder: string): Promise<{ seconds: number; right: number }> {
  const library = join(work, 'library-peers')
  rmSync(library, { recursive: true, force: true })
  const { seconds } = await albumen('index', folder, '--library', library, '--model', sharedModel)
  const { output } = await albumen('search', '', '--json', '--library', library)
  const photos = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; tags: { wnid: string }[] })
  const right = photos.filter(({ path, tags }) => path.includes(`${tags[0]?.wnid}_`)).length
  return { seconds, right: (100 * right) / photos.length }
}
