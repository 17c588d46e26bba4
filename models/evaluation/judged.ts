/** A class that photos are said to show, as one model sees it; one object for each class. */
export interface TrueClass {
  name: string
  /** The model's outputs that are right: one for a class, several for a category such as dog. */
  outputs: ReadonlySet<number>
}

/** A photo of which it is known what it shows, and what a model said. */
export interface JudgedPhoto {
  path: string
  truth: TrueClass
  /** Best first, five at most; empty when the model gave no number. */
  predictions: readonly { index: number; score: number }[]
}

/** Whether the model's best guess is right, or one of its `top` best. */
export const isRight = ({ truth, predictions }: JudgedPhoto, top = 1): boolean =>
  predictions.slice(0, top).some(({ index }) => truth.outputs.has(index))

/** The score of the best guess; 0 when there is none. */
export const confidenceOf = ({ predictions }: JudgedPhoto): number => predictions[0]?.score ?? 0
