/** What is looked for. `all` of nothing is every photo. */
export type Expression =
  | { kind: 'all'; of: Expression[] }
  | { kind: 'any'; of: Expression[] }
  | { kind: 'not'; of: Expression }
  /** A class, a category above classes, or a part of a file name. */
  | { kind: 'word'; text: string }
  /** A class or a category, whatever the file is called. */
  | { kind: 'tag'; text: string }
  /** A file name; `*` stands for any characters, `?` for one. */
  | { kind: 'name'; pattern: string }
  /** Photos in an album of this name. */
  | { kind: 'album'; name: string }
  /** Photos with so many stars, both included; 0 is a photo without a rating. */
  | { kind: 'rating'; lowest: number; highest: number }
