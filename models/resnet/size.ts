import type { Graph } from '../onnx/graph.ts'
import { interfaceOf } from '../onnx/interface.ts'
import { isConvolution, shapeOfConvolution } from '../onnx/operators.ts'
import { elementCount } from '../onnx/tensor.ts'
import { findClassifier } from './classifier.ts'

/**
 * How many weights the convolutions and the classifier of a network have, without biases and
 * normalisation; 11.7 million in a ResNet-18. However they are stored, each counts as one.
 */
export function countWeights(graph: Graph): number {
  const convolutions = graph.nodes
    .filter(isConvolution)
    .map((node) => shapeOfConvolution(graph, node))
    .filter((shape) => shape !== null)
    .map(
      ({ outputs, inputs, groups, kernel }) => (outputs * inputs * elementCount(kernel)) / groups,
    )
  const found = interfaceOf(graph)
  const tail = found && findClassifier(graph, found.outputName)
  const linear = tail && !isConvolution(tail.linear) ? tail.classes * tail.featureCount : 0
  return convolutions.reduce((sum, count) => sum + count, linear)
}
