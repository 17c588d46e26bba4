import { describe, expect, test } from 'vitest'
import { commonAccuracies, judge, taskFor } from '../../../../main/cli/evaluate/evaluation.ts'
import { roundTicks } from '../../../../main/cli/evaluate/report/chart.ts'
import { html, verbatim } from '../../../../main/cli/evaluate/report/markup.ts'
import { errorWithInterval, someOf } from '../../../../main/cli/evaluate/wording.ts'
import type { JudgedPhoto } from '../../../../models/evaluation/judged.ts'
import { proportion } from '../../../../models/evaluation/proportion.ts'
import { createVocabulary } from '../../../../models/evaluation/vocabulary.ts'
import { loadTaxonomy } from '../../../../models/taxonomy/taxonomy.ts'
import { smallLabels } from '../../../support/pictures.ts'

const vocabulary = createVocabulary(loadTaxonomy(), smallLabels)

function labelled(path: string, word: string) {
  const meaning = vocabulary.meaningOf(word)
  if (!meaning) throw new Error(`${word} means nothing`)
  return { path, meaning }
}

describe('what a model is asked', () => {
  const task = taskFor(
    [labelled('a', 'dogs'), labelled('b', 'n02084071'), labelled('c', 'tarantula')],
    smallLabels,
  )

  test('leaves out, and counts, photos of classes that it does not know', () => {
    expect(task.photos.map(({ path }) => path)).toEqual(['a', 'b'])
    expect(task.unknown).toEqual({ photos: 1, classes: ['tarantula'] })
  })

  test('has one object for a class, however it was written', () => {
    expect(task.photos[0]?.truth).toBe(task.photos[1]?.truth)
    expect(task.photos[0]?.truth).toEqual({ name: 'dog', outputs: new Set([0]) })
  })

  test('is judged where the photo was seen; where not, the reason is kept', () => {
    const { judged, unread } = judge(task, [
      { state: 'unread', reason: 'The file is empty.' },
      { state: 'seen', predictions: [{ index: 0, score: 1 }] },
    ])
    expect(judged.map(({ path }) => path)).toEqual(['b'])
    expect(unread).toEqual([{ path: 'a', reason: 'The file is empty.' }])
  })
})

describe('models side by side', () => {
  const truth = { name: 'dog', outputs: new Set([0]) }
  const judgements = (guesses: Record<string, number>): JudgedPhoto[] =>
    Object.entries(guesses).map(([path, index]) => ({
      path,
      truth,
      predictions: [{ index, score: 1 }],
    }))

  test('are compared on the photos that all of them judged', () => {
    const [first, second] = commonAccuracies([
      judgements({ a: 0, b: 0, c: 1, d: 0 }),
      judgements({ b: 0, c: 0, d: 0 }),
    ])
    expect(first).toMatchObject({ photos: 3, top1: { count: 2, of: 3 } })
    expect(second).toMatchObject({ photos: 3, top1: { count: 3, of: 3 } })
  })

  test('cannot be compared without common photos, nor can one alone', () => {
    expect(commonAccuracies([judgements({ a: 0 }), judgements({ b: 1 })])).toEqual([null, null])
    expect(commonAccuracies([judgements({ a: 0 })])).toEqual([null])
  })
})

test('an error’s interval is the share’s, turned round', () => {
  expect(errorWithInterval(proportion(1, 3))).toBe('66.7 (20.8–93.9)')
})

test('of many names the first are told', () => {
  expect(someOf(['a', 'b', 'c'], 3)).toBe('a, b, c')
  expect(someOf(['a', 'b', 'c'], 1)).toBe('a and 2 more')
})

describe('markup', () => {
  test('escapes what it is given, in text and in attributes', () => {
    const name = `<script>alert("1" & '2')</script>`
    expect(html`<b title="${name}">${name}</b>`.markup).toBe(
      '<b title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;">' +
        '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</b>',
    )
  })

  test('leaves markup inside it as it is, also many pieces', () => {
    const pieces = ['a', '<'].map((text) => html`<i>${text}</i>`)
    expect(html`${pieces}${null}${verbatim('<br>')}${0}`.markup).toBe('<i>a</i><i>&lt;</i><br>0')
  })

  test('replaces half a character, which no file of UTF-8 can hold', () => {
    expect(html`${'a\ud800b'}`.markup).toBe('a\ufffdb')
  })
})

test.each([
  [0, 18, 5, [0, 5, 10, 15, 20]],
  [31, 82.5, 5, [20, 40, 60, 80, 100]],
  [0, 152, 5, [0, 50, 100, 150, 200]],
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [5, 5, 5, [5, 5.2]],
])('ticks from %d to %d, about %d: %j', (from, to, count, ticks) => {
  expect(roundTicks(from, to, count)).toEqual(ticks)
})
