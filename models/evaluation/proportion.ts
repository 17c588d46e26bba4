/** A share of a sample, and where the share of everything like it probably lies. */
export interface Proportion {
  count: number
  of: number
  /** `count / of`; all three are in [0, 1]. */
  share: number
  /** Ends of the 95 % Wilson interval. */
  low: number
  high: number
}

/** The two-sided 95 % point of the normal distribution. */
const Z = 1.959963984540054

/**
 * Wilson's score interval without continuity correction (E. B. Wilson, 1927,
 * https://doi.org/10.1080/01621459.1927.10502953): unlike the textbook one it holds for few photos
 * and for shares near 0 and 1. `of`: at least 1.
 */
export function proportion(count: number, of: number): Proportion {
  const share = count / of
  const scale = 1 + (Z * Z) / of
  const centre = (share + (Z * Z) / (2 * of)) / scale
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of))
  // At the ends the two terms are equal, up to rounding.
  const low = count === 0 ? 0 : centre - half
  const high = count === of ? 1 : centre + half
  return { count, of, share, low, high }
}
