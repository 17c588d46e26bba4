import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { bundledModels, modelDirectories } from '../../../main/engine/tags/modelDirectories.ts'

const bundle = (...path: string[]) => pathToFileURL(resolve(...path)).href

test('the starter model is found from source, also by its folder beside the library', () => {
  const [added, bundled = ''] = modelDirectories('/photos/library')
  expect(added).toBe(resolve('/photos/library', 'models'))
  expect(existsSync(join(bundled, 'starter', 'starter.onnx'))).toBe(true)
})

test('a library named from the current folder has its models where they can be found from any', () => {
  expect(modelDirectories('library')[0]).toBe(resolve('library', 'models'))
})

test('a built app has its models beside its processes', () => {
  expect(bundledModels(bundle('/albumen/dist/main/engine/process.js'))).toBe(
    resolve('/albumen/dist/models'),
  )
})

test('a packaged app has them outside its archive, where ONNX Runtime can open them', () => {
  expect(bundledModels(bundle('/opt/resources/app.asar/dist/main/engine/process.js'))).toBe(
    resolve('/opt/resources/app.asar.unpacked/dist/models'),
  )
})
