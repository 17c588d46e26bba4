import { resolve } from 'node:path'
import { describeModelFile, type ModelDescription } from '../../models/resnet/describe.ts'

export async function runDescribe(file: string, json: boolean): Promise<void> {
  const description = await describeModelFile(resolve(file))
  console.log(json ? JSON.stringify(description) : inWords(description))
}

function inWords(description: ModelDescription): string {
  const { resnet, reason, variant, depth, blocks, shortcuts } = description
  const { classes, inputSize, quantised } = description
  const lines = [
    resnet ? `ResNet-${depth} ${variant}` : reason,
    blocks.length > 0 ? `Blocks in its stages: ${blocks.join(', ')}` : null,
    shortcuts.length > 0 ? `Shortcuts: ${shortcuts.join(', ')}` : null,
    classes === null ? null : `Classes: ${classes}`,
    inputSize === null ? null : `Input: ${inputSize} x ${inputSize} pixels`,
    quantised === null ? null : `Quantised: ${quantised}`,
  ]
  return lines.filter((line) => line !== null).join('\n')
}
