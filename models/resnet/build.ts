import { elementCount } from '../onnx/tensor.ts'
import { encodeModel, floatTensor, floatValue } from '../onnx/write.ts'
import { planResNet, type ResNetOptions } from './architecture.ts'
import { assembleResNet, resNetInput, resNetOutput } from './assemble.ts'
import { type Parameter, type ParameterValues, seededWeights } from './weights.ts'

export interface BuildOptions extends ResNetOptions {
  /** An integer: the same seed gives the same bytes. */
  seed: number
  /** Values to use instead of seeded ones, by torchvision's parameter names. */
  weights?: ReadonlyMap<string, Float32Array>
}

/**
 * A ResNet as the bytes of an ONNX file (opset 13), for tests, benchmarks and training runs
 * without downloads. Input `input`: float32 [N, 3, inputSize, inputSize]. Output `logits`: float32
 * [N, classes]. N is open. Throws UserError for a depth that the family lacks, and RangeError
 * for given weights of another length than the network's.
 */
export function buildResNet(options: BuildOptions): Uint8Array<ArrayBuffer> {
  const plan = planResNet(options)
  const { nodes, parameters, constants } = assembleResNet(plan)
  const seeded = seededWeights(options.seed, plan.stages.flat().length)
  const values: ParameterValues = (parameter) => given(options, parameter) ?? seeded(parameter)
  return encodeModel({
    ir_version: 7,
    producer_name: 'albumen',
    opset_import: [{ domain: '', version: 13 }],
    graph: {
      name: `resnet${plan.depth}-${plan.variant}`,
      node: [...nodes],
      initializer: [
        ...parameters.map((each) => floatTensor(each.name, each.dims, values(each))),
        ...constants,
      ],
      input: [floatValue(resNetInput, ['N', 3, plan.inputSize, plan.inputSize])],
      output: [floatValue(resNetOutput, ['N', plan.classes])],
    },
  })
}

function given({ weights }: BuildOptions, { name, dims }: Parameter): Float32Array | null {
  const values = weights?.get(name)
  if (values && values.length !== elementCount(dims)) {
    throw new RangeError(`${name} needs ${elementCount(dims)} values, not ${values.length}.`)
  }
  return values ?? null
}
