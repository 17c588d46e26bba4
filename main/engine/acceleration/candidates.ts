import type { Provider } from '../../rpc/execution.ts'

export type CandidateProvider = Exclude<Provider, 'cpu'>

/** Execution providers that a platform may have besides the CPU, the likeliest to be fast first. */
export function candidatesFor(platform: NodeJS.Platform): readonly CandidateProvider[] {
  switch (platform) {
    case 'win32':
      return ['dml', 'webgpu']
    case 'darwin':
      return ['coreml', 'webgpu']
    default:
      return ['cuda', 'webgpu']
  }
}
