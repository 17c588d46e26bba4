import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { calibrationOf } from '../../../models/evaluation/calibration.ts'
import { classFigures, confusionsOf, macroAverages } from '../../../models/evaluation/classes.ts'
import { accuracyOf, figuresOf } from '../../../models/evaluation/figures.ts'
import type { JudgedPhoto, TrueClass } from '../../../models/evaluation/judged.ts'
import { proportion } from '../../../models/evaluation/proportion.ts'
import { tagFigures } from '../../../models/evaluation/tags.ts'

/** Computed by scikit-learn and statsmodels: test/fixtures/evaluation/make_golden.py. */
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/evaluation/golden.json', import.meta.url), 'utf8'),
) as {
  photos: { truth: number; guesses: [number, number][] }[]
  top1: number
  top5: number
  top1Interval: [number, number]
  labels: number[]
  precision: number[]
  recall: number[]
  f1: number[]
  support: number[]
  macro: [number, number, number]
  confusion: number[][]
  calibration: {
    error: number
    counts: number[]
    accuracies: number[]
    confidences: number[]
  }
}

const trueClass = (name: string, ...outputs: number[]): TrueClass => ({
  name,
  outputs: new Set(outputs),
})

const judged = (truth: TrueClass, ...guesses: [number, number][]): JudgedPhoto => ({
  path: `${truth.name} ${guesses.join(' ')}`,
  truth,
  predictions: guesses.map(([index, score]) => ({ index, score })),
})

const labels = golden.confusion.map((_, index) => ({ wnid: null, name: `class ${index}` }))

describe('on the guesses of an invented model, as scikit-learn and statsmodels count', () => {
  const truths = labels.map(({ name }, index) => trueClass(name, index))
  const photos = golden.photos.map(({ truth, guesses }) =>
    judged(truths[truth] as TrueClass, ...guesses),
  )
  const figures = figuresOf(photos, { labels, thresholds: labels.map(() => 0.5) })

  test('top-1 and top-5, with Wilson’s interval', () => {
    const [low, high] = golden.top1Interval
    expect(figures.photos).toBe(150)
    expect(figures.top1.share).toBeCloseTo(golden.top1, 12)
    expect(figures.top1.low).toBeCloseTo(low, 12)
    expect(figures.top1.high).toBeCloseTo(high, 12)
    expect(figures.top5.share).toBeCloseTo(golden.top5, 12)
  })

  test('precision, recall, F1 and support of each class, and their means', () => {
    expect(figures.classes.map(({ name }) => name)).toEqual(
      golden.labels.map((index) => `class ${index}`),
    )
    for (const [index, { precision, recall, f1, support }] of figures.classes.entries()) {
      expect(precision ?? 0).toBeCloseTo(golden.precision[index] ?? -1, 12)
      expect(recall).toBeCloseTo(golden.recall[index] ?? -1, 12)
      expect(f1).toBeCloseTo(golden.f1[index] ?? -1, 12)
      expect(support).toBe(golden.support[index])
    }
    expect(figures.classes[6]?.precision).toBeNull()
    const { precision, recall, f1 } = figures.macro
    for (const [index, mean] of [precision, recall, f1].entries())
      expect(mean).toBeCloseTo(golden.macro[index] ?? -1, 12)
  })

  test('every confusion, and no other', () => {
    const counted = labels.map(() => labels.map(() => 0))
    const indexOf = (name: string) => Number(name.replace('class ', ''))
    for (const { truth, predicted, photos, examples } of figures.confusions) {
      const row = counted[indexOf(truth)] as number[]
      row[indexOf(predicted)] = photos
      expect(examples).toHaveLength(photos)
    }
    const wrong = golden.confusion.map((row, truth) =>
      row.map((count, guess) => (guess === truth ? 0 : count)),
    )
    expect(counted).toEqual(wrong)
  })

  test('the expected calibration error and its bins', () => {
    const { error, bins } = figures.calibration
    expect(error).toBeCloseTo(golden.calibration.error, 12)
    expect(bins).toHaveLength(15)
    const filled = bins.filter(({ photos }) => photos > 0)
    expect(filled.map(({ photos }) => photos)).toEqual(golden.calibration.counts)
    for (const [index, { accuracy, confidence }] of filled.entries()) {
      expect(accuracy).toBeCloseTo(golden.calibration.accuracies[index] ?? -1, 12)
      expect(confidence).toBeCloseTo(golden.calibration.confidences[index] ?? -1, 12)
    }
  })
})

describe('by hand', () => {
  const cat = trueClass('cat', 0, 1)
  const dog = trueClass('dog', 2, 3, 4)
  const poodle = trueClass('poodle', 3)
  const names = ['tabby', 'Persian', 'pug', 'poodle', 'corgi', 'banana']

  test('any class of a category is right', () => {
    const photos = [judged(dog, [2, 0.9]), judged(dog, [4, 0.8]), judged(dog, [1, 0.7])]
    expect(accuracyOf(photos).top1).toMatchObject({ count: 2, of: 3 })
  })

  test('five guesses count for top-5, in whatever place the right one is', () => {
    const others: [number, number][] = [0, 1, 2, 3].map((index) => [index, 0.2])
    const photos = [
      judged(trueClass('banana', 5), ...others, [5, 0.1]),
      judged(trueClass('banana', 5), ...others),
    ]
    expect(accuracyOf(photos)).toMatchObject({ top1: { count: 0 }, top5: { count: 1 } })
  })

  test('a wrong guess counts for the category that it belongs to, the narrowest if for several', () => {
    const photos = [
      judged(cat, [2, 0.9]),
      judged(cat, [3, 0.8]),
      judged(cat, [5, 0.7]),
      judged(dog, [3, 0.6]),
      judged(poodle, [4, 0.5]),
    ]
    expect(confusionsOf(photos, names).map(({ truth, predicted }) => [truth, predicted])).toEqual([
      ['cat', 'dog'],
      ['cat', 'poodle'],
      ['cat', 'banana'],
      ['poodle', 'dog'],
    ])
    expect(classFigures(photos)).toEqual([
      { name: 'cat', support: 3, predicted: 0, right: 0, precision: null, recall: 0, f1: 0 },
      { name: 'dog', support: 1, predicted: 3, right: 1, precision: 1 / 3, recall: 1, f1: 0.5 },
      { name: 'poodle', support: 1, predicted: 1, right: 0, precision: 0, recall: 0, f1: 0 },
    ])
  })

  test('means count each class the same, one that is never guessed with precision 0', () => {
    const photos = [judged(cat, [0, 1]), judged(cat, [1, 1]), judged(dog, [0, 1])]
    // cat: 2 of 3 guesses, 2 of 2 photos; dog: never guessed.
    expect(macroAverages(classFigures(photos))).toEqual({
      precision: (2 / 3 + 0) / 2,
      recall: 0.5,
      f1: 0.8 / 2,
    })
  })

  test('the most frequent confusion comes first, then the surest, each with its surest photos first', () => {
    const photos = [
      judged(cat, [5, 0.4]),
      judged(dog, [5, 0.3]),
      judged(poodle, [0, 0.9]),
      judged(dog, [5, 0.6]),
    ]
    const confusions = confusionsOf(photos, names)
    expect(confusions.map(({ truth, photos }) => [truth, photos])).toEqual([
      ['dog', 2],
      ['poodle', 1],
      ['cat', 1],
    ])
    expect(confusions[0]?.examples.map(({ score }) => score)).toEqual([0.6, 0.3])
  })

  test('a photo without any guess is wrong, with confidence 0', () => {
    const photos = [judged(cat)]
    expect(accuracyOf(photos).top5.count).toBe(0)
    expect(confusionsOf(photos, names)).toMatchObject([{ truth: 'cat', predicted: '(nothing)' }])
    expect(calibrationOf(photos).bins[0]).toMatchObject({ photos: 1, right: 0, confidence: 0 })
  })

  test('the calibration error weighs each bin’s gap by its photos', () => {
    const photos = [judged(cat, [0, 0.9]), judged(cat, [0, 0.92]), judged(cat, [2, 0.5])]
    // (0.866, 0.933]: both right at 0.91; (0.466, 0.533]: wrong at 0.5.
    const { error, bins } = calibrationOf(photos)
    expect(error).toBeCloseTo((2 * 0.09 + 1 * 0.5) / 3, 12)
    expect(bins.map(({ photos }) => photos)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0])
  })

  test('a bin holds its upper end, the first its lower one as well', () => {
    const { bins } = calibrationOf([
      judged(cat, [0, 1]),
      judged(cat, [0, 0.2]),
      judged(cat, [0, 0]),
    ])
    expect(bins.map(({ photos }) => photos).join('')).toBe('101000000000001')
  })

  test('a guess that reaches the threshold of its class is a tag', () => {
    const thresholds = [0.5, 0.5, 0.5, 0.5, 0.5, 0.2]
    const photos = [
      judged(cat, [0, 0.5], [5, 0.3]),
      judged(cat, [0, 0.49]),
      judged(dog, [0, 0.8], [2, 0.1]),
      judged(dog, [2, 0.6]),
    ]
    // Tags: tabby and banana; none; tabby; pug.
    const { tagged, precision, recall } = tagFigures(photos, thresholds)
    expect(tagged).toMatchObject({ count: 3, of: 4 })
    expect(precision).toMatchObject({ count: 2, of: 4 })
    expect(recall).toMatchObject({ count: 2, of: 4 })
  })

  test('without any tag there is no precision of tags', () => {
    expect(tagFigures([judged(cat, [0, 0.4])], [0.5])).toMatchObject({
      tagged: { count: 0 },
      precision: null,
      recall: { count: 0 },
    })
  })
})

test.each([
  // statsmodels 0.15.0: proportion_confint(count, of, method='wilson')
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371106, 1],
  [1, 3, 0.06149194472039626, 0.7923403991979523],
  [116, 200, 0.5107207393958045, 0.6462640083838328],
  [500, 1000, 0.4690696003681042, 0.5309303996318958],
])('of %d in %d, Wilson’s interval is %d to %d', (count, of, low, high) => {
  const found = proportion(count, of)
  expect(found.low).toBeCloseTo(low, 12)
  expect(found.high).toBeCloseTo(high, 12)
})
