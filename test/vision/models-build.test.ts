import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildResNet } from '../../models/resnet/build.ts'
import { seededWeights } from '../../models/resnet/weights.ts'

const golden = z
  .object({
    madeBy: z.string(),
    seed: z.number(),
    photos: z.number(),
    classes: z.number(),
    cases: z.array(
      z.object({
        family: z.enum(['imagenet', 'cifar']),
        depth: z.number(),
        variant: z.enum(['v1', 'v1.5', 'v2']),
        inputSize: z.number(),
        shortcuts: z.enum(['projection', 'padding']).default('projection'),
        logits: z.array(z.array(z.number())),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync('test/fixtures/models/golden.json', 'utf8')))

const { seed, photos, classes } = golden

/** Values in [-1, 1], as `seeded_input` of test/fixtures/models/seeded.py makes them. */
const seededInput = (dims: readonly number[]): Tensor => {
  const values = seededWeights(seed, 1)({ name: 'input', dims, role: 'classifier-weight' })
  return new Tensor('float32', values, dims)
}

async function logitsOf(model: Uint8Array, input: Tensor): Promise<number[]> {
  const session = await InferenceSession.create(model)
  const { logits } = await session.run({ input })
  await session.release()
  expect(logits?.dims).toEqual([photos, classes])
  return Array.from(logits?.data ?? [], Number)
}

describe(`with the same weights, the logits are those of ${golden.madeBy}`, () => {
  test.each(golden.cases)(
    '$family ResNet-$depth $variant, $shortcuts shortcuts',
    async ({ logits, ...options }) => {
      const { inputSize } = options
      const actual = await logitsOf(
        buildResNet({ ...options, classes, seed }),
        seededInput([photos, 3, inputSize, inputSize]),
      )
      const differences = logits
        .flat()
        .map((value, index) => Math.abs(value - (actual[index] ?? Number.NaN)))
      expect(Math.max(...differences)).toBeLessThan(1e-4)
    },
  )

  test('the photos of a batch do not touch each other', async () => {
    const model = buildResNet({
      depth: 18,
      variant: 'v1.5',
      classes,
      seed,
      width: 8,
      inputSize: 64,
    })
    const session = await InferenceSession.create(model)
    const both = seededInput([2, 3, 64, 64])
    const half = both.data.length / 2
    const second = new Tensor(
      'float32',
      Float32Array.from(both.data.slice(half), Number),
      [1, 3, 64, 64],
    )
    const together = (await session.run({ input: both })).logits?.data.slice(classes)
    const alone = (await session.run({ input: second })).logits?.data
    await session.release()
    expect(alone).toHaveLength(classes)
    Array.from(alone ?? [], Number).forEach((value, index) => {
      expect(value).toBeCloseTo(Number(together?.[index]), 5)
    })
  })
})
