/** A piece of a file that its pixels come from. */
export interface ImagePart {
  /** What it is, with the values that it is read by. */
  name: string
  /** Its bytes in order, wherever they lie in the file. */
  data: readonly Uint8Array[]
}
