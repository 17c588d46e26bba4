/** What lies beside the repository on our machines; absent elsewhere. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const shared = resolve('../shared')

export const sharedPhotos = resolve(shared, 'photos')
export const sharedResNet = resolve(shared, 'models/resnet18-imagenet.onnx')

export const hasShared = existsSync(sharedPhotos) && existsSync(sharedResNet)
if (!hasShared) console.warn(`SKIPPED: ${shared} is absent, and with it the photos of these tests.`)
