import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultLibrary } from '../../../main/processes/defaultLibrary.ts'
import { readArguments } from '../../../main/shell/arguments.ts'

const app = resolve('/opt/albumen')
const cwd = resolve('/home/me')
const read = (...argv: string[]) => readArguments(argv, app, cwd)

describe('readArguments', () => {
  test('without any, opens the library that every face uses', () => {
    expect(read()).toEqual({
      library: defaultLibrary(),
      model: null,
      anyArchitecture: false,
      folder: null,
    })
  })

  test('takes library, model and folder, relative to where it was started', () => {
    const wanted = ['--library', 'my library', '--model=resnet50', '--any-architecture', 'Pictures']
    expect(read(...wanted)).toEqual({
      library: resolve(cwd, 'my library'),
      model: 'resnet50',
      anyArchitecture: true,
      folder: resolve(cwd, 'Pictures'),
    })
  })

  test('the app itself is no folder of photos', () => {
    expect(read(app, 'Pictures').folder).toBe(resolve(cwd, 'Pictures'))
    expect(readArguments(['.'], app, app).folder).toBeNull()
  })

  test('passes over switches of Chromium and options without their value', () => {
    expect(read('--no-sandbox', '--remote-debugging-port=0', 'Pictures', '--library')).toEqual({
      library: defaultLibrary(),
      model: null,
      anyArchitecture: false,
      folder: resolve(cwd, 'Pictures'),
    })
  })
})
