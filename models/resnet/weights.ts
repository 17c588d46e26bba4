import { elementCount } from '../onnx/tensor.ts'

/** What a parameter is for, which decides how it is filled. */
export type ParameterRole =
  | 'convolution'
  /** The last convolution of a residual branch. */
  | 'branch-end'
  | 'scale'
  | 'shift'
  | 'mean'
  | 'variance'
  | 'classifier-weight'
  | 'classifier-bias'

export interface Parameter {
  /** As in torchvision's state_dict, such as `layer1.0.conv1.weight`. */
  name: string
  dims: readonly number[]
  role: ParameterRole
}

/** Values of a parameter, row-major, as long as its dimensions say. */
export type ParameterValues = (parameter: Parameter) => Float32Array

/**
 * Weights out of nothing but a seed, the same in every language: `test/fixtures/models/seeded.py`
 * makes them for PyTorch. Convolutions have the variance of He et al. (https://arxiv.org/abs/1502.01852,
 * 2 / fan-out, uniform); the last one of a residual branch is divided by the square root of the
 * number of blocks, so that sums stay bounded in deep networks without training. Normalisation is
 * near, but not at, the identity: a test that mixes up its parameters fails.
 */
export function seededWeights(seed: number, blockCount: number): ParameterValues {
  return ({ name, dims, role }) => {
    const [low, high] = rangeFor(role, dims, blockCount)
    const start = mix(hashName(name) ^ seed)
    const values = new Float32Array(elementCount(dims))
    for (let index = 0; index < values.length; index++) {
      // 24 bits: exact in float32 and in float64.
      const unit = (mix(start + Math.imul(index, 0x9e3779b9)) >>> 8) / 2 ** 24
      values[index] = low + (high - low) * unit
    }
    return values
  }
}

function rangeFor(
  role: ParameterRole,
  dims: readonly number[],
  blockCount: number,
): readonly [low: number, high: number] {
  const [outputs = 1, inputs = 1, ...kernel] = dims
  // A uniform distribution over [-b, b] has the variance b² / 3.
  const he = Math.sqrt(6 / (outputs * elementCount(kernel)))
  switch (role) {
    case 'convolution':
      return [-he, he]
    case 'branch-end':
      return [-he / Math.sqrt(blockCount), he / Math.sqrt(blockCount)]
    case 'scale':
    case 'variance':
      return [0.8, 1.2]
    case 'shift':
    case 'mean':
    case 'classifier-bias':
      return [-0.1, 0.1]
    case 'classifier-weight':
      return [-Math.sqrt(3 / inputs), Math.sqrt(3 / inputs)]
  }
}

/** FNV-1a, 32 bits, of ASCII names: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** Mixes 32 bits: https://github.com/skeeto/hash-prospector (lowbias32, public domain). */
function mix(value: number): number {
  let bits = value >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d)
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
  return (bits ^ (bits >>> 16)) >>> 0
}
