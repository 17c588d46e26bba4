import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { mayBeginModel } from '../../../models/onnx/beginning.ts'
import {
  pytorchSample,
  pytorchSamples,
  restyled,
  sharedModel,
} from '../../fixtures/models/samples.ts'

/** Every way that an answer of so many bytes may be cut. */
const cuts = (bytes: Uint8Array) =>
  [0, 1, 2, 3, 5, 9, 17, 100, 511].map((end) => bytes.slice(0, end))

describe('the beginning of a model', () => {
  test('is known as one, whoever wrote it and wherever it is cut', () => {
    const models = [
      ...pytorchSamples().map(pytorchSample),
      ...Object.values(restyled).map((make) => make()),
      readFileSync('models/starter/starter.onnx'),
    ]
    for (const model of models) expect(cuts(model).filter((cut) => !mayBeginModel(cut))).toEqual([])
  })

  const shared = sharedModel('resnet18-imagenet')
  test.skipIf(!shared)('is known in a model of torchvision', () => {
    for (const cut of cuts(shared ?? new Uint8Array())) expect(mayBeginModel(cut)).toBe(true)
  })

  test.each<[string, Uint8Array | string]>([
    ['a web page', '<!DOCTYPE html>'],
    ['a web page after empty lines', '\r\n\n<html>'],
    ['JSON', '{"error":"Repository not found"}'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:00'],
    ['a sentence', 'Rate limit exceeded'],
    ['a ZIP file, as PyTorch’s own', 'PK\x03\x04\x00\x00'],
    ['a pickle', Buffer.from([0x80, 0x02, 0x8a, 0x0a])],
    ['HDF5, as Keras writes', '\x89HDF\r\n\x1a\n'],
    ['gzip', gzipSync('x')],
    ['zeros', new Uint8Array(64)],
  ])('is not %s', (_, bytes) => {
    expect(mayBeginModel(Buffer.from(bytes as Uint8Array))).toBe(false)
  })
})
