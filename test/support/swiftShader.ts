/** Chromium's software Vulkan: lets the WebGPU provider of ONNX Runtime run without a graphics card. */
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { chromiumPath } from './chromium.ts'

/** Debian keeps Chromium's libraries apart from what is in the path. */
const folders = ['/usr/lib/chromium', chromiumPath && dirname(realpathSync(chromiumPath))]

const folder = folders.find(
  (path) =>
    path &&
    process.platform === 'linux' &&
    existsSync(join(path, 'vk_swiftshader_icd.json')) &&
    existsSync(join(path, 'libvulkan.so.1')),
)
if (!folder) {
  console.warn('SKIPPED: WebGPU on SwiftShader, because no Chromium on this machine brings it.')
}

/** For the environment of a process that shall find it; `null` where it is absent. */
export const swiftShader: Record<string, string> | null = folder
  ? {
      VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
      LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
    }
  : null
