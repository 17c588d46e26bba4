/** A ResNet-18 whose answers are known: it tells eight colours apart. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Label } from '../../models/manifest.ts'
import { planResNet, type ResNetOptions } from '../../models/resnet/architecture.ts'
import { assembleResNet } from '../../models/resnet/assemble.ts'
import { buildResNet } from '../../models/resnet/build.ts'
import type { Parameter } from '../../models/resnet/weights.ts'

export type Colour = { r: number; g: number; b: number }

/** The colour of each class: the corners of the cube of RGB. */
export const colourOf = (index: number): Colour => ({
  r: index & 1 ? 255 : 0,
  g: index & 2 ? 255 : 0,
  b: index & 4 ? 255 : 0,
})

const options: ResNetOptions = { depth: 18, variant: 'v1.5', classes: 8 }

/** Logits grow by this for each unit of a colour's agreement: sure enough for a score above 0.9. */
const confidence = 2

/** Writes the model, 45 MB, and its manifest into a folder; `labels`: eight. Returns its path. */
export function writeColourModel(folder: string, labels: readonly Label[]): string {
  const { parameters } = assembleResNet(planResNet(options))
  const weights = new Map(parameters.map((parameter) => [parameter.name, valuesOf(parameter)]))
  const file = join(folder, 'colours.onnx')
  writeFileSync(file, buildResNet({ ...options, seed: 1, weights }))
  writeFileSync(join(folder, 'colours.json'), JSON.stringify({ labels }))
  return file
}

/**
 * The stem's first eight channels measure how well a pixel agrees with each colour; residual
 * branches add nothing, shortcuts pass on, and the classifier reads those channels.
 */
function valuesOf({ name, dims, role }: Parameter): Float32Array {
  const [outputs = 1, inputs = 1, height = 1, width = 1] = dims
  const values = new Float32Array(outputs * inputs * height * width)
  if (role === 'scale' || role === 'variance') return values.fill(1)
  if (name === 'conv1.weight') {
    const middle = Math.floor(height / 2) * width + Math.floor(width / 2)
    for (let output = 0; output < 8; output++) {
      const { r, g, b } = colourOf(output)
      for (const [channel, value] of [r, g, b].entries()) {
        const index = (output * inputs + channel) * height * width + middle
        values[index] = value > 0 ? 1 : -1
      }
    }
  } else if (name.endsWith('downsample.0.weight') || role === 'classifier-weight') {
    const value = role === 'classifier-weight' ? confidence : 1
    for (let index = 0; index < Math.min(outputs, inputs); index++) {
      values[index * inputs + index] = value
    }
  }
  return values
}
